using System.Security.Cryptography;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Content;

/// <summary>What a crash of the machine may do to a blob.</summary>
public enum BlobDurability
{
    /// <summary>Nothing: it is on the disk before it is visible.</summary>
    Durable,

    /// <summary>It may be lost or torn: for what can be made again, such as a build cache.</summary>
    Cache,
}

/// <summary>
/// Writes one blob. Nothing is visible before <see cref="Commit"/>, which verifies digest and size. When it is disposed without, nothing is left, or,
/// of one that can be resumed, what was written so far. Hashing is done as the bytes come by, on another processor. Not for use by several threads at a time.
/// </summary>
public sealed class BlobWriter : Stream
{
    private const int WriteBackSize = 8 << 20;
    private readonly ContentStore _store;
    private readonly ContentLease _lease;
    private readonly Digest _expected;
    private readonly long? _expectedSize;
    private readonly BlobDurability _durability;
    private readonly string _temporary;
    private readonly Fd _file;
    private readonly bool _isPartial;
    private SparseWriter _content;
    private BackgroundHash _hash;
    private long _written;
    private long _writingBack;
    private bool _committed;
    private bool _isWrong;

    private BlobWriter(ContentStore store, ContentLease lease, Digest expected, long? expectedSize, BlobDurability durability, bool isPartial)
    {
        _store = store;
        _lease = lease;
        _expected = expected;
        _expectedSize = expectedSize;
        _durability = durability;
        _isPartial = isPartial;
        _temporary = isPartial ? store.Partial.PathOf(expected) : store.NewIngestPath();
        _file = FileOpener.Open(
            _temporary, isPartial ? OpenFlags.ReadWrite | OpenFlags.Create : OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x1a4 /* 0644 */);
        _content = new SparseWriter(_file);
        _hash = NewHash();
    }

    internal static BlobWriter Create(ContentStore store, ContentLease lease, Digest expected, long? expectedSize, BlobDurability durability) =>
        new(store, lease, expected, expectedSize, durability, isPartial: false);

    /// <summary>Takes up what is there of a blob.</summary>
    /// <exception cref="GantryException">Somebody else is writing it (Conflict).</exception>
    internal static BlobWriter Resume(ContentStore store, ContentLease lease, Digest expected, long expectedSize, CancellationToken cancellation)
    {
        store.Partial.Take(expected);
        BlobWriter? writer = null;
        try
        {
            writer = new BlobWriter(store, lease, expected, expectedSize, BlobDurability.Durable, isPartial: true);
            writer.HashExisting(cancellation);
            return writer;
        }
        catch
        {
            if (writer is null)
                store.Partial.Release(expected);
            else
                writer.Dispose();
            throw;
        }
    }

    /// <summary>Bytes written so far; of a resumed blob with those that were there.</summary>
    public override long Length => _written;

    /// <inheritdoc/>
    /// <exception cref="GantryException">There are more bytes than expected.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _isWrong |= _written + buffer.Length > _expectedSize;
        if (_isWrong)
            throw GantryException.Invalid($"blob {Name} has more than the expected {_expectedSize} bytes");
        try
        {
            _content.Write(buffer);
        }
        catch (OsException e)
        {
            throw new OsException($"write {_temporary}", e.Errno); // The descriptor's number tells nobody which file system it was.
        }
        _hash.Append(buffer);
        _written += buffer.Length;
        if (_written - _writingBack >= WriteBackSize)
        {
            // The disk works while the rest is still coming, and the end has not to wait for all of it.
            FileSynchronization.Begin(_file, _writingBack, _written - _writingBack);
            _writingBack = _written;
        }
    }

    /// <summary>Forgets what was written: for a registry that sends a blob only from its beginning.</summary>
    /// <exception cref="OsException">The file cannot be cut.</exception>
    public void Restart()
    {
        FileData.SetLength(_file, 0);
        FileData.Seek(_file, 0);
        _content = new SparseWriter(_file);
        _hash.Dispose();
        _hash = NewHash();
        _written = _writingBack = 0;
    }

    /// <summary>Nothing of what was written is worth going on with: it goes with the writer, also if it could be resumed.</summary>
    public void Discard() => _isWrong = true;

    /// <summary>Whether the store had the same content already when it was committed: then others may refer to it.</summary>
    public bool WasThere { get; private set; }

    /// <summary>Verifies what was written and makes it visible, held by the lease.</summary>
    /// <returns>The digest of the content.</returns>
    /// <exception cref="GantryException">Size or digest is not the expected one.</exception>
    /// <exception cref="OsException">It cannot be brought to the disk.</exception>
    public Digest Commit()
    {
        var digest = Verify();
        _content.Finish();
        if (_durability == BlobDurability.Durable)
            FileSynchronization.Synchronize(_file);
        _lease.Hold(digest, () =>
        {
            WasThere = _store.Contains(digest);
            return MoveInto(_store.PathOf(digest));
        });
        _committed = true;
        return digest;
    }

    private Digest Verify()
    {
        if (_written < _expectedSize)
            throw GantryException.Invalid($"blob {Name} has {_written} bytes instead of the expected {_expectedSize}");
        var hash = _hash.Finish();
        if (_expected.IsEmpty)
            return Digest.FromSha256(hash);
        _isWrong = !_expected.Matches(hash);
        return !_isWrong
            ? _expected
            : throw GantryException.Invalid($"blob {Name} has the digest {_expected.Algorithm}:{Convert.ToHexStringLower(hash)}");
    }

    private void HashExisting(CancellationToken cancellation)
    {
        var buffer = new byte[1 << 18];
        while (FileData.Read(_file, buffer) is var count && count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            _hash.Append(buffer.AsSpan(0, count));
            _written += count;
        }
        _content = new SparseWriter(_file, _written);
        // Longer than it may be: it was begun with another size, or torn.
        if (_written > _expectedSize)
            Restart();
    }

    private bool MoveInto(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        FileNodes.Rename(null, KernelPath.FromText(_temporary), null, KernelPath.FromText(path));
        if (_durability == BlobDurability.Durable)
        {
            using var directory = FileOpener.Open(folder, OpenFlags.Directory);
            FileSynchronization.Synchronize(directory);
        }
        return true;
    }

    private BackgroundHash NewHash() => new(_expected.IsEmpty ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : _expected.CreateHash());

    private string Name => _expected.IsEmpty ? "being written" : _expected.ToString();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_file.IsClosed)
        {
            _file.Dispose();
            _hash.Dispose();
            // Of a download the beginning is kept, unless it is known to be wrong: then the next one starts anew.
            if (!_committed && (!_isPartial || _isWrong || _written == 0))
                ContentStore.DeleteFile(_temporary);
            if (_isPartial)
                _store.Partial.Release(_expected);
        }
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes at once: the page cache takes the bytes without waiting for the disk.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Does nothing: nothing is buffered.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>Bytes written so far; it cannot be set.</summary>
    public override long Position { get => _written; set => throw new NotSupportedException(); }

    /// <summary>Not supported.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override void SetLength(long value) => throw new NotSupportedException();
}
