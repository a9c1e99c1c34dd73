using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Storage.Content;

/// <summary>
/// Protects blobs from garbage collection while they are being put together to something that refers to them: a pull holds its lease
/// from before it looks which layers are there until the index names the image. Leases do not outlive the process; what an interrupted
/// pull left behind is garbage.
/// </summary>
public sealed class ContentLease : IDisposable
{
    private readonly ContentStore _store;
    private readonly HashSet<Digest> _holds = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    internal ContentLease(ContentStore store) => _store = store;

    /// <summary>Holds a blob that is there already; false when it is not there and has to be written.</summary>
    public bool TryHold(Digest digest) => Hold(digest, () => _store.Contains(digest));

    /// <summary>Begins to write a blob.</summary>
    /// <param name="expected">What it has to be; default: whatever its content is, by SHA-256.</param>
    /// <param name="expectedSize">How long it has to be, in bytes; null: as long as it is.</param>
    /// <param name="durability">What a crash of the machine may do to it.</param>
    public BlobWriter CreateWriter(Digest expected = default, long? expectedSize = null, BlobDurability durability = BlobDurability.Durable)
        => new(_store, this, expected, expectedSize, durability);

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

    /// <summary>Lets go of what the lease holds.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var digest in _holds)
                _store.Held.Release(digest);
            _holds.Clear();
        }
    }

    internal bool Hold(Digest digest, Func<bool> condition)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_holds.Contains(digest))
            {
                if (!_store.Held.HoldIf(digest, condition))
                    return false;
                _holds.Add(digest);
                return true;
            }
            return condition();
        }
    }
}
