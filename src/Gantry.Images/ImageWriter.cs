using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images;

/// <summary>Makes an image of a configuration and layers that are in the store: the last step of an import, a commit or a build.</summary>
/// <param name="store">Where it goes.</param>
public sealed class ImageWriter(ImageStore store)
{
    /// <summary>Writes configuration and manifest, and makes the image visible.</summary>
    /// <param name="lease">Holds the layers' archives already.</param>
    /// <param name="config">The configuration; its diff IDs are those of <paramref name="layers"/>.</param>
    /// <param name="layers">The layers, the lowest first.</param>
    /// <param name="reference">Its name with a tag; null for none.</param>
    public Image Write(ContentLease lease, ImageConfig config, IReadOnlyList<ImageLayer> layers, ImageReference? reference) =>
        Write(lease, config, layers, reference is null ? [] : [reference]);

    /// <summary>As the other, under several names or none. What is there already is not written again.</summary>
    public Image Write(ContentLease lease, ImageConfig config, IReadOnlyList<ImageLayer> layers, IReadOnlyList<ImageReference> references)
    {
        return Store(Compose(lease, config, layers), references);
    }

    /// <summary>
    /// Gives an image or an index that was composed to the store, under names or under none. The caller holds its blobs. What is there already is not written
    /// again.
    /// </summary>
    public Image Store(Image image, IReadOnlyList<ImageReference> references)
    {
        if (references.Count == 0 ? store.Find(image.Id) is null : references.Any(name => !Names(name, image)))
            store.Register(image, references);
        store.Use.Touch(image.Id);
        // Another name may mean the same image in another form, e.g. without an index: what was asked for is told.
        return store.Find(image.Id)! with { Target = image.Target, Manifest = image.Manifest, Layers = image.Layers };
    }

    /// <summary>Writes configuration and manifest, held by the lease; the store does not have the image.</summary>
    /// <param name="lease">Holds the layers' archives already.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="annotations">Of the manifest; null: none.</param>
    public static Image Compose(ContentLease lease, ImageConfig config, IReadOnlyList<ImageLayer> layers, Dictionary<string, string>? annotations = null)
    {
        layers = [.. layers.Select(layer => layer with { Blob = layer.Blob with { MediaType = MediaTypes.ToOci(layer.Blob.MediaType) } })];
        var document = ImageDocument.Create(config);
        Add(lease, document.Digest, document.Bytes.Span);
        var manifest = ImageDocument.Create(new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = document.Digest, Size = document.Bytes.Length },
            Layers = [.. layers.Select(layer => layer.Blob)],
            Annotations = annotations,
        });
        Add(lease, manifest.Digest, manifest.Bytes.Span);
        var target = new Descriptor { MediaType = MediaTypes.OciManifest, Digest = manifest.Digest, Size = manifest.Bytes.Length };
        return new Image { Id = document.Digest, Manifest = target, Target = target, Config = document.Value, Layers = layers };
    }

    /// <summary>
    /// Writes an index of images, held by the lease; the store does not have it. The image of this machine's platform, or the first, stands for all.
    /// </summary>
    /// <param name="lease">Holds the images' blobs already.</param>
    /// <param name="images">The images, each for another platform.</param>
    /// <param name="entries">Annotations of the images' entries, or null, each for one of them.</param>
    /// <param name="statements">Further entries: what is said of the images.</param>
    /// <param name="annotations">Of the index; null: none.</param>
    public static Image Compose(
        ContentLease lease, IReadOnlyList<Image> images, IReadOnlyList<Dictionary<string, string>?> entries, IReadOnlyList<Descriptor> statements,
        Dictionary<string, string>? annotations)
    {
        var index = ImageDocument.Create(new ImageIndex
        {
            MediaType = MediaTypes.OciIndex,
            Manifests = [.. images.Zip(entries, (image, notes) => image.Manifest with { Platform = PlatformOf(image.Config), Annotations = notes }),
                .. statements],
            Annotations = annotations,
        });
        Add(lease, index.Digest, index.Bytes.Span);
        var shown = images.FirstOrDefault(image => PlatformOf(image.Config) == Platform.Host) ?? images[0];
        return shown with { Target = new Descriptor { MediaType = MediaTypes.OciIndex, Digest = index.Digest, Size = index.Bytes.Length } };
    }

    private static Platform PlatformOf(ImageConfig config) =>
        Platform.Parse(string.IsNullOrEmpty(config.Variant) ? $"{config.Os}/{config.Architecture}" : $"{config.Os}/{config.Architecture}/{config.Variant}");

    private bool Names(ImageReference reference, Image image) =>
        store.Find(reference.ToString()) is { } named && named.Id == image.Id && named.Target.Digest == image.Target.Digest;

    private static void Add(ContentLease lease, Digest digest, ReadOnlySpan<byte> content)
    {
        if (!lease.TryHold(digest))
            lease.Add(content);
    }
}
