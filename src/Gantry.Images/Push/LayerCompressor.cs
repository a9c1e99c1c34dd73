using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Compression;
using Gantry.Storage.Content;

namespace Gantry.Images.Push;

/// <summary>
/// Compresses the layers of an image before it is pushed: those from <c>docker save</c> and <c>commit</c> are plain archives, and would travel and be
/// stored at full length. The image keeps its ID, which is that of its configuration, and gets another manifest. Builds give layers any form this way.
/// </summary>
/// <param name="content">Where the layers are.</param>
/// <param name="form">How they are to be.</param>
public sealed class LayerCompressor(ContentStore content, LayerForm form)
{
    private const int CopySize = 1 << 18;

    /// <summary>True when a layer of the image has another form.</summary>
    internal bool IsNeeded(ImageManifest manifest) => manifest.Layers.Any(Changes);

    /// <summary>Whether a layer has another form, and is to be given the wanted one.</summary>
    public bool Changes(Descriptor blob) => form.Changes(blob);

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
            layers.Add(Changes(layer.Blob) ? layer with { Blob = (await CompressAsync(layer.Blob, lease, progress, cancellation)).Blob } : layer);
        var compressed = ImageDocument.Create(InDialect(manifest with { Layers = [.. layers.Select(layer => layer.Blob)] }));
        lease.Add(compressed.Bytes.Span);
        var target = image.Manifest with { MediaType = compressed.Value.MediaType ?? image.Manifest.MediaType, Digest = compressed.Digest,
            Size = compressed.Bytes.Length };
        return image with { Manifest = target, Target = target, Layers = layers };
    }

    /// <summary>Writes one layer in the wanted form.</summary>
    /// <param name="blob">The archive, plain or compressed otherwise.</param>
    /// <param name="lease">Holds what is written.</param>
    /// <param name="progress">Is told how it goes.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The archive in its new form, the same bytes for the same content, and whether the store did not have it before.</returns>
    /// <exception cref="GantryException">The archive is damaged, or what its compression needs is not installed.</exception>
    public async Task<(Descriptor Blob, bool IsNew)> CompressAsync(
        Descriptor blob, ContentLease lease, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        using var writer = lease.CreateWriter();
        try
        {
            await using var source = await OpenAsync(blob, cancellation);
            await WriteAsync(
                source, writer, done => progress(new ImageProgress(null, "Compressing", blob.Digest.Short, done, blob.Size)), cancellation);
        }
        catch (InvalidDataException error)
        {
            throw new GantryException(ErrorKind.System, $"the layer {blob.Digest} is damaged: {error.Message}", error);
        }
        var size = writer.Length;
        // What is said of compressed bytes, such as where an index is in them, does not go for others.
        var kept = LayerForm.IsPlain(blob) ? blob : new Descriptor();
        return (kept with { MediaType = TypeOf(blob), Digest = writer.Commit(), Size = size }, !writer.WasThere);
    }

    /// <summary>Opens the plain archive. One that is plain may begin with a file's name that looks like a compressed stream: it is taken as it is.</summary>
    private async Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation)
    {
        var archive = content.OpenRead(blob.Digest);
        return LayerForm.IsPlain(blob) ? archive : (await Decompression.OpenAsync(archive, cancellation)).Content;
    }

    private Task WriteAsync(Stream source, BlobWriter writer, Action<long> read, CancellationToken cancellation) => form.Compression is { } kind
        ? ParallelCompression.CompressAsync(source, writer, kind, form.Level, read, cancellation)
        : source.CopyToAsync(writer, CopySize, cancellation);

    private string TypeOf(Descriptor blob)
    {
        var isDockers = blob.MediaType is MediaTypes.DockerLayer or MediaTypes.DockerLayerGzip;
        return form.Compression switch
        {
            LayerCompression.Zstd => MediaTypes.OciLayerZstd,
            LayerCompression.Gzip => isDockers ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip,
            _ => isDockers ? MediaTypes.DockerLayer : MediaTypes.OciLayer,
        };
    }

    /// <summary>Docker's own types know no zstd: the manifest becomes one of OCI's, with the same configuration.</summary>
    private ImageManifest InDialect(ImageManifest manifest) => form.Compression != LayerCompression.Zstd || manifest.MediaType == MediaTypes.OciManifest
        ? manifest
        : manifest with
        {
            MediaType = MediaTypes.OciManifest,
            Config = manifest.Config! with { MediaType = MediaTypes.OciConfig },
            Layers = manifest.Layers.ConvertAll(layer =>
                layer.MediaType == MediaTypes.DockerLayerGzip ? layer with { MediaType = MediaTypes.OciLayerGzip } : layer),
        };
}
