using Gantry.Images.Store;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Push;

/// <summary>
/// Compresses the layers of an image before it is pushed: those from <c>docker save</c> and <c>commit</c> are plain archives, and would travel and be
/// stored at full length. The image keeps its ID, which is that of its configuration, and gets another manifest.
/// </summary>
/// <param name="content">Where the layers are.</param>
/// <param name="kind">How they are compressed.</param>
public sealed class LayerCompressor(ContentStore content, LayerCompression kind)
{
    /// <summary>True when a layer of the image is not compressed.</summary>
    internal static bool IsNeeded(ImageManifest manifest) => manifest.Layers.Any(IsPlain);

    /// <summary>Writes the compressed layers and the new manifest.</summary>
    /// <param name="image">The image; its manifest is no part of an index.</param>
    /// <param name="lease">Holds what is written.</param>
    /// <param name="progress">Is told how it goes.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The image with its new manifest.</returns>
    internal async Task<Image> CompressAsync(Image image, ContentLease lease, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        var manifest = ImageDocument.ReadManifest(content.ReadBytes(image.Manifest.Digest, ImageDocument.MaxLength)).Value;
        var layers = new List<ImageLayer>(image.Layers.Count);
        foreach (var layer in image.Layers)
            layers.Add(IsPlain(layer.Blob) ? layer with { Blob = await CompressAsync(layer.Blob, lease, progress, cancellation) } : layer);
        var compressed = ImageDocument.Create(InDialect(manifest with { Layers = [.. layers.Select(layer => layer.Blob)] }));
        lease.Add(compressed.Bytes.Span);
        var target = image.Manifest with { MediaType = compressed.Value.MediaType ?? image.Manifest.MediaType, Digest = compressed.Digest,
            Size = compressed.Bytes.Length };
        return image with { Manifest = target, Target = target, Layers = layers };
    }

    /// <summary>Writes one layer compressed.</summary>
    /// <param name="blob">The plain archive.</param>
    /// <param name="lease">Holds what is written.</param>
    /// <param name="progress">Is told how it goes.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The compressed archive; the same content gives the same bytes.</returns>
    public async Task<Descriptor> CompressAsync(Descriptor blob, ContentLease lease, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        await using var source = content.OpenRead(blob.Digest);
        using var writer = lease.CreateWriter();
        await ParallelCompression.CompressAsync(
            source, writer, kind, done => progress(new ImageProgress(null, "Compressing", blob.Digest.Short, done, blob.Size)), cancellation);
        var size = writer.Length;
        return blob with { MediaType = TypeOf(blob), Digest = writer.Commit(), Size = size };
    }

    private string TypeOf(Descriptor plain) => kind == LayerCompression.Zstd
        ? MediaTypes.OciLayerZstd
        : plain.MediaType == MediaTypes.DockerLayer ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip;

    /// <summary>Docker's own types know no zstd: the manifest becomes one of OCI's, with the same configuration.</summary>
    private ImageManifest InDialect(ImageManifest manifest) => kind != LayerCompression.Zstd || manifest.MediaType == MediaTypes.OciManifest
        ? manifest
        : manifest with
        {
            MediaType = MediaTypes.OciManifest,
            Config = manifest.Config! with { MediaType = MediaTypes.OciConfig },
            Layers = manifest.Layers.ConvertAll(layer =>
                layer.MediaType == MediaTypes.DockerLayerGzip ? layer with { MediaType = MediaTypes.OciLayerGzip } : layer),
        };

    /// <summary>Whether an archive is not compressed.</summary>
    public static bool IsPlain(Descriptor blob) => blob.MediaType is MediaTypes.DockerLayer or MediaTypes.OciLayer;
}
