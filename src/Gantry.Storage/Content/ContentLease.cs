using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Storage.Content;

/// <summary>
/// Protects blobs from garbage collection while they are being put together to something that refers to them: a pull holds its lease
/// from before it looks which layers are there until the index names the image. A lease ends with <see cref="Dispose"/>, and with its process;
/// one that is <em>kept</em> (<see cref="ContentStore.Lease(string, TimeSpan)"/>) holds on for its time, unless <see cref="Complete"/> was called.
/// </summary>
public sealed class ContentLease : IDisposable
{
    private readonly ContentStore _store;
    private readonly string? _keptFor;
    private readonly HashSet<Digest> _holds = [];
    private readonly Lock _gate = new();
    private bool _completed;
    private bool _disposed;

    /// <param name="store">Whose blobs it protects.</param>
    /// <param name="keptFor">The owner of the lease on disk; null for none.</param>
    internal ContentLease(ContentStore store, string? keptFor = null) => (_store, _keptFor) = (store, keptFor);

    /// <summary>Holds a blob that is there already; false when it is not there and has to be written.</summary>
    public bool TryHold(Digest digest) => Hold(digest, () => _store.Contains(digest));

    /// <summary>Begins to write a blob.</summary>
    /// <param name="expected">What it has to be; default: whatever its content is, by SHA-256.</param>
    /// <param name="expectedSize">How long it has to be, in bytes; null: as long as it is.</param>
    /// <param name="durability">What a crash of the machine may do to it.</param>
    public BlobWriter CreateWriter(Digest expected = default, long? expectedSize = null, BlobDurability durability = BlobDurability.Durable)
        => BlobWriter.Create(_store, this, expected, expectedSize, durability);

    /// <summary>
    /// Begins to write a blob, or goes on with one that was written in part: <see cref="BlobWriter.Length"/> bytes are there, and were hashed anew.
    /// What is not committed stays, for <see cref="ContentStoreOptions.KeepPartialBlobs"/>.
    /// </summary>
    /// <param name="expected">What it has to be.</param>
    /// <param name="expectedSize">How long it has to be, in bytes.</param>
    /// <param name="cancellation">Stops the hashing.</param>
    /// <exception cref="GantryException">Somebody else is writing it (Conflict).</exception>
    public BlobWriter Resume(Digest expected, long expectedSize, CancellationToken cancellation = default)
        => BlobWriter.Resume(_store, this, expected, expectedSize, cancellation);

    /// <summary>Writes a blob whose content is at hand.</summary>
    public Digest Add(ReadOnlySpan<byte> content, BlobDurability durability = BlobDurability.Durable)
    {
        using var writer = CreateWriter(durability: durability);
        writer.Write(content);
        return writer.Commit();
    }

    /// <summary>Writes a blob from a stream.</summary>
    /// <exception cref="GantryException">The content is not what was expected.</exception>
    public async Task<Digest> AddAsync(
        Stream content, Digest expected = default, long? expectedSize = null, BlobDurability durability = BlobDurability.Durable,
        CancellationToken cancellation = default)
    {
        using var writer = CreateWriter(expected, expectedSize, durability);
        await content.CopyToAsync(writer, 1 << 18, cancellation);
        return writer.Commit();
    }

    /// <summary>Lets go of a blob and deletes it, unless somebody else holds it.</summary>
    public void Discard(Digest digest)
    {
        lock (_gate)
        {
            if (_holds.Remove(digest))
                _store.Held.Release(digest);
        }
        _store.Delete(digest);
    }

    /// <summary>The index names what was held: a kept lease need not be kept any longer.</summary>
    public void Complete() => _completed = true;

    /// <summary>Lets go of what the lease holds.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (var digest in _holds)
                _store.Held.Release(digest);
            _holds.Clear();
            if (_keptFor is not null)
                _store.Kept.Release(_keptFor, keep: !_completed);
        }
    }

    internal bool Hold(Digest digest, Func<bool> condition)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_holds.Contains(digest))
                return condition();
            if (!_store.Held.HoldIf(digest, condition))
                return false;
            _holds.Add(digest);
            if (_keptFor is not null)
                _store.Kept.Add(_keptFor, digest);
            return true;
        }
    }
}
