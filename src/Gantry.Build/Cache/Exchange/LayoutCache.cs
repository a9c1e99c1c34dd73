using System.Text.Json;
using Gantry.Build.Contexts;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache.Exchange;

/// <summary>A cache in an OCI layout on the client's side: <c>--cache-from type=local</c>.</summary>
/// <param name="folder">The layout's folder.</param>
/// <param name="place">What progress calls it.</param>
/// <param name="tag">The entry of the index that is meant.</param>
/// <param name="digest">The manifest that is meant instead; default: what the tag means.</param>
public sealed class LayoutCache(IClientFolder folder, string place, string tag, Digest digest = default) : ICacheSource
{
    /// <summary>Who wrote the entry: its name among the index's annotations.</summary>
    internal const string NameAnnotation = "org.opencontainers.image.ref.name";

    private const int MostIndexBytes = 8 << 20;

    /// <inheritdoc/>
    public string Name => place;

    /// <inheritdoc/>
    public async Task<CacheDocumentBytes> ReadRootAsync(CancellationToken cancellation)
    {
        var index = await ReadIndexAsync(folder, cancellation) ?? throw GantryException.NotFound($"{place} is no OCI layout: it has no index.json");
        var root = (digest.IsEmpty ? index.Manifests.Find(entry => entry.Annotation(NameAnnotation) == tag)
            : index.Manifests.Find(entry => entry.Digest == digest))
            ?? throw GantryException.NotFound($"could not read {(digest.IsEmpty ? tag : digest)} from {place}: it is not in its index.json");
        if (root.Size is < 0 or > MostIndexBytes)
            throw GantryException.Invalid($"the manifest {root.Digest} of {place} has {root.Size} bytes, more than the {MostIndexBytes} allowed");
        await using var stream = await OpenAsync(root, cancellation);
        var bytes = new byte[root.Size];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return Digest.Compute(bytes) == root.Digest ? new CacheDocumentBytes(root.MediaType, bytes)
            : throw GantryException.Invalid($"the manifest {root.Digest} of {place} has other content than its digest says");
    }

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation) => folder.OpenAsync(PathOf(blob.Digest), cancellation);

    /// <summary>The path of a blob in a layout.</summary>
    internal static string PathOf(Digest blob) => $"blobs/{blob.Algorithm}/{blob.Hex}";

    /// <summary>The index of a layout; null: it has none.</summary>
    /// <exception cref="GantryException">It is damaged.</exception>
    internal static async Task<ImageIndex?> ReadIndexAsync(IClientFolder folder, CancellationToken cancellation)
    {
        if (folder.LengthOf("index.json") is not { } length)
            return null;
        if (length > MostIndexBytes)
            throw GantryException.Invalid($"index.json has {length} bytes, more than the {MostIndexBytes} allowed");
        await using var stream = await folder.OpenAsync("index.json", cancellation);
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, cancellation);
        try
        {
            return ImageDocument.ReadIndex(memory.ToArray()).Value;
        }
        catch (JsonException error)
        {
            throw GantryException.Invalid($"index.json is damaged: {error.Message}", error);
        }
    }
}
