using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Content;

/// <summary>A blob in the store.</summary>
/// <param name="Digest">What names it.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="ModifiedAt">When it was written.</param>
public readonly record struct BlobInformation(Digest Digest, long Size, DateTimeOffset ModifiedAt);

/// <summary>
/// Blobs by digest, and an index of what they mean, on disk as an OCI image layout (image-spec, image-layout.md), so that other tools
/// can read it. A blob is whole and verified or it is not there, whatever happens while it is written. Blobs are written under a
/// <see cref="ContentLease"/>, which protects them from <see cref="CollectGarbage"/> until something refers to them.
/// Safe for use by several threads; one process at a time owns a store.
/// </summary>
public sealed class ContentStore : IDisposable
{
    internal const string IngestFolder = "ingest";
    private const string BlobsFolder = "blobs";
    private const string LayoutFile = "oci-layout";
    private readonly FileLock _ownership;
    private readonly ContentIndexFile _index;
    private readonly Lock _indexGate = new();
    private long _lastIngest;

    private ContentStore(string root, FileLock ownership, ContentStoreOptions options)
    {
        Root = root;
        KeepPartialBlobs = options.KeepPartialBlobs;
        Partial = new PartialBlobs(Path.Combine(root, IngestFolder), options);
        Kept = new KeptLeases(Path.Combine(root, IngestFolder), options, Held);
        _ownership = ownership;
        _index = new ContentIndexFile(root);
    }

    /// <summary>The folder of the layout.</summary>
    public string Root { get; }

    /// <summary>How long what was fetched in part stays, to be resumed.</summary>
    public TimeSpan KeepPartialBlobs { get; }

    internal HeldBlobs Held { get; } = new();

    internal PartialBlobs Partial { get; }

    internal KeptLeases Kept { get; }

    /// <summary>Blobs that were written in part and can be resumed.</summary>
    public IReadOnlyList<PartialBlob> PartialBlobs => Partial.List();

    /// <summary>Removes a blob that is there in part, unless it is being written.</summary>
    public void RemovePartial(Digest digest) => Partial.Remove(digest);

    /// <summary>Leases that outlive this process.</summary>
    public IReadOnlyList<KeptLease> KeptLeases => Kept.List();

    /// <summary>Opens the store in <paramref name="root"/>, made when it does not exist. Leftovers of interrupted writes are removed, but for
    /// blobs that can be resumed and leases that are kept, while their time is not over.</summary>
    /// <param name="root">The folder of the layout.</param>
    /// <param name="options">What its owner decides; null: the defaults.</param>
    /// <exception cref="GantryException">Another process has it open, or the folder holds a layout of another version.</exception>
    /// <exception cref="OsException">The folder cannot be used.</exception>
    public static ContentStore Open(string root, ContentStoreOptions? options = null)
    {
        Directory.CreateDirectory(Path.Combine(root, BlobsFolder, "sha256"));
        Directory.CreateDirectory(Path.Combine(root, IngestFolder));
        var ownership = FileLock.TryAcquire(Path.Combine(root, IngestFolder, ".lock"))
            ?? throw GantryException.Conflict($"content store {root} is in use by another process");
        var store = new ContentStore(root, ownership, options ?? new ContentStoreOptions());
        store.RemoveInterruptedWrites();
        store.Kept.Load();
        store._index.EnsureLayout(Path.Combine(root, LayoutFile));
        return store;
    }

    /// <summary>Begins to use or add blobs: what the lease holds is not collected until it is disposed.</summary>
    public ContentLease Lease() => new(this);

    /// <summary>
    /// As <see cref="Lease()"/>, but what it holds stays when the lease is disposed without <see cref="ContentLease.Complete"/>, or the process ends,
    /// until its time is over. Who comes back with the same owner's name finds it.
    /// </summary>
    /// <param name="owner">Whose it is: one line of text, e.g. <c>pull docker.io/library/busybox:latest</c>.</param>
    /// <param name="keep">For how long from now.</param>
    public ContentLease Lease(string owner, TimeSpan keep)
    {
        if (owner.Contains('\n'))
            throw new ArgumentException("the owner of a lease is one line", nameof(owner));
        return new ContentLease(this, Kept.TryTake(owner, keep) ? owner : null);
    }

    /// <summary>The file of a blob, whether it is there or not.</summary>
    public string PathOf(Digest digest) => Path.Combine(Root, BlobsFolder, digest.Algorithm, digest.Hex);

    /// <summary>Whether the blob is there.</summary>
    public bool Contains(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>The blob's length in bytes, or null when it is not there.</summary>
    public long? SizeOf(Digest digest) => new FileInfo(PathOf(digest)) is { Exists: true } file ? file.Length : null;

    /// <summary>The disk space that a blob occupies, in bytes; 0 when it is not there.</summary>
    public long DiskSpaceOf(Digest digest) => (FileStatusReader.TryRead(null, KernelPath.FromText(PathOf(digest)), out _)?.Blocks ?? 0) * 512;

    /// <summary>The disk space of the whole store, in bytes.</summary>
    public long MeasureDiskSpace() => DirectoryTree.Usage(Root, withRoot: true);

    /// <summary>Opens a blob for reading.</summary>
    /// <exception cref="GantryException">It is not there.</exception>
    public FileStream OpenRead(Digest digest)
    {
        try
        {
            return new FileStream(PathOf(digest), new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        }
        catch (IOException error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(digest, error);
        }
    }

    /// <summary>Reads a whole small blob (a manifest, a configuration) and verifies it once more.</summary>
    /// <exception cref="GantryException">It is not there, is larger than <paramref name="maximum"/> bytes, or the disk has other bytes.</exception>
    public byte[] ReadBytes(Digest digest, int maximum = 32 << 20)
    {
        using var file = OpenRead(digest);
        if (file.Length > maximum)
            throw GantryException.Invalid($"blob {digest} has {file.Length} bytes; a document of at most {maximum} was expected");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        using var hash = digest.CreateHash();
        hash.AppendData(bytes);
        return digest.Matches(hash.GetHashAndReset())
            ? bytes
            : throw new GantryException(ErrorKind.System, $"blob {digest} is damaged: {PathOf(digest)} has other content");
    }

    /// <summary>Whether the bytes on the disk are those that the digest names; true for a blob that was removed meanwhile.</summary>
    public async Task<bool> VerifyAsync(Digest digest, CancellationToken cancellation = default)
    {
        try
        {
            await using var file = OpenRead(digest);
            using var hash = digest.CreateHash();
            var buffer = new byte[1 << 18];
            while (await file.ReadAsync(buffer, cancellation) is var count && count > 0)
                hash.AppendData(buffer, 0, count);
            return digest.Matches(hash.GetHashAndReset());
        }
        catch (GantryException e) when (e.Kind == ErrorKind.NotFound)
        {
            return true;
        }
    }

    /// <summary>Whether a lease holds a blob now.</summary>
    public bool IsHeld(Digest digest) => Held.IsHeld(digest);

    /// <summary>Files among the blobs, and among those being written, that are none.</summary>
    public IReadOnlyList<string> ListForeignFiles()
    {
        var blobs = Directory.EnumerateFiles(Path.Combine(Root, BlobsFolder), "*", SearchOption.AllDirectories)
            .Where(file => !Digest.TryParse($"{Path.GetFileName(Path.GetDirectoryName(file))}:{Path.GetFileName(file)}", out _));
        var ingested = Directory.EnumerateFiles(Path.Combine(Root, IngestFolder)).Where(file =>
            Path.GetFileName(file) is var name && name != ".lock" && !long.TryParse(name, out _)
            && !Content.PartialBlobs.IsPartial(name) && !Content.KeptLeases.IsLease(name));
        return [.. blobs, .. ingested];
    }

    /// <summary>Removes a blob; false when it is not there or a lease holds it.</summary>
    public bool Delete(Digest digest) => Held.RemoveUnlessHeld(digest, () => DeleteFile(PathOf(digest)));

    /// <summary>All blobs, in no order.</summary>
    public IEnumerable<BlobInformation> List()
    {
        foreach (var algorithm in Directory.EnumerateDirectories(Path.Combine(Root, BlobsFolder)))
            foreach (var file in new DirectoryInfo(algorithm).EnumerateFiles())
                if (Digest.TryParse($"{Path.GetFileName(algorithm)}:{file.Name}", out var digest))
                    yield return new BlobInformation(digest, file.Length, file.LastWriteTimeUtc);
    }

    /// <summary>The layout's <c>index.json</c>: what the store's user wants to keep.</summary>
    /// <exception cref="GantryException">The file cannot be understood.</exception>
    public ImageIndex ReadIndex()
    {
        lock (_indexGate)
            return _index.Read();
    }

    /// <summary>Changes <c>index.json</c>; on return the change is on disk. Changes are made one after another.</summary>
    /// <param name="change">Changes the index in place; called once, and nothing is written when it throws.</param>
    /// <exception cref="GantryException">The file cannot be understood.</exception>
    public void UpdateIndex(Action<ImageIndex> change)
    {
        lock (_indexGate)
        {
            var index = _index.Read();
            change(index);
            _index.Write(index, NewIngestPath());
        }
    }

    /// <summary>
    /// Removes every blob that nothing refers to: not the <paramref name="roots"/>, not what their manifests name, and no lease. Other
    /// threads may go on writing meanwhile.
    /// </summary>
    /// <param name="roots">Called once, after the collection began, so that nothing added since is overlooked.</param>
    /// <returns>What was removed.</returns>
    public IReadOnlyList<BlobInformation> CollectGarbage(Func<IEnumerable<Descriptor>> roots)
    {
        Kept.RemoveExpired();
        Partial.RemoveExpired();
        return new GarbageCollector(this).Collect(roots);
    }

    /// <inheritdoc/>
    public void Dispose() => _ownership.Dispose();

    internal string NewIngestPath() => Path.Combine(Root, IngestFolder, $"{Interlocked.Increment(ref _lastIngest)}");

    internal static bool DeleteFile(string path)
    {
        var error = FileNodes.TryUnlink(null, KernelPath.FromText(path));
        return error == default || (error == Errno.ENOENT ? false : throw new OsException($"remove {path}", error));
    }

    private static GantryException Missing(Digest digest, Exception cause) => GantryException.NotFound($"blob {digest} not found", cause);

    private void RemoveInterruptedWrites()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, IngestFolder)))
        {
            var name = Path.GetFileName(file);
            if (name != ".lock" && !Content.PartialBlobs.IsPartial(name) && !Content.KeptLeases.IsLease(name))
                DeleteFile(file);
        }
        Partial.RemoveExpired();
    }
}
