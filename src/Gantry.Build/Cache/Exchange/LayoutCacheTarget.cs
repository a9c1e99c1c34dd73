using System.Text;
using System.Text.Json;
using Gantry.Build.Contexts;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Archives;

namespace Gantry.Build.Cache.Exchange;

/// <summary>
/// A cache that becomes an OCI layout on the client's side, sent as an archive of what its folder lacks: <c>--cache-to type=local</c>. The index comes last,
/// so that a layout which was not finished means what it meant before.
/// </summary>
public sealed class LayoutCacheTarget : ICacheTarget
{
    private const uint FileMode = 0x1a4; // 0644
    private const uint FolderMode = 0x1ed; // 0755
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<Digest> _written = [];
    private readonly IClientFolder _folder;
    private readonly string _tag;
    private readonly BufferedStream _buffered;
    private readonly TarWriter _archive;

    /// <param name="folder">The folder as it is.</param>
    /// <param name="output">Gets the archive; left open.</param>
    /// <param name="tag">The entry of the index that means the cache from then on.</param>
    public LayoutCacheTarget(IClientFolder folder, Stream output, string tag)
    {
        (_folder, _tag) = (folder, tag);
        _buffered = new BufferedStream(output, 1 << 18);
        _archive = new TarWriter(_buffered);
    }

    /// <inheritdoc/>
    public string Name => "client directory";

    /// <inheritdoc/>
    public Task<bool> ContainsAsync(Descriptor blob, CancellationToken cancellation) =>
        Task.FromResult(_folder.LengthOf(LayoutCache.PathOf(blob.Digest)) == blob.Size);

    /// <inheritdoc/>
    public async Task WriteAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!_written.Add(blob.Digest))
                return;
            await BlockingStream.RunAsync(() =>
            {
                WriteFolders(blob.Digest.Algorithm);
                using var content = open();
                WriteFile(LayoutCache.PathOf(blob.Digest), content, blob.Size, cancellation);
                return true;
            });
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async Task FinishAsync(Descriptor root, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await WriteAsync(root, () => new MemoryStream(bytes.ToArray(), writable: false), cancellation);
        var index = await LayoutCache.ReadIndexAsync(_folder, cancellation) ?? new ImageIndex { MediaType = MediaTypes.OciIndex };
        index.Manifests.RemoveAll(entry => entry.Annotation(LayoutCache.NameAnnotation) == _tag);
        index.Manifests.Add(root with { Annotations = new Dictionary<string, string> { [LayoutCache.NameAnnotation] = _tag } });
        await BlockingStream.RunAsync(() =>
        {
            WriteDocument("oci-layout", JsonSerializer.SerializeToUtf8Bytes(
                new ImageLayout { ImageLayoutVersion = ImageLayout.CurrentVersion }, OciImageJson.Plain.ImageLayout));
            WriteDocument("index.json", JsonSerializer.SerializeToUtf8Bytes(index, OciImageJson.Plain.ImageIndex));
            _archive.Finish();
            _buffered.Flush();
            return true;
        });
    }

    private void WriteFolders(string algorithm)
    {
        if (_written.Count > 1)
            return;
        foreach (var path in (ReadOnlySpan<string>)["blobs/", $"blobs/{algorithm}/"])
            _archive.WriteHeader(Entry(path, TarEntryKind.Directory, FolderMode, 0));
    }

    private void WriteDocument(string path, byte[] bytes)
    {
        _archive.WriteHeader(Entry(path, TarEntryKind.File, FileMode, bytes.Length));
        _archive.WriteData(bytes);
    }

    private void WriteFile(string path, Stream content, long size, CancellationToken cancellation)
    {
        _archive.WriteHeader(Entry(path, TarEntryKind.File, FileMode, size));
        var buffer = new byte[1 << 18];
        int count;
        while ((count = content.Read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            _archive.WriteData(buffer.AsSpan(0, count));
        }
    }

    private static TarEntry Entry(string path, TarEntryKind kind, uint permissions, long size) => new()
    {
        Name = Encoding.UTF8.GetBytes(path), Kind = kind, Permissions = permissions, Size = size,
        Modified = new FileTime(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 0),
    };
}
