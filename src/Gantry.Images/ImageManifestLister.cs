using Gantry.Images.Layers;
using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Snapshots;

namespace Gantry.Images;

/// <summary>What a manifest of an image is.</summary>
public enum ImageManifestKind
{
    /// <summary>The image for one platform.</summary>
    Image,

    /// <summary>Statements about one of the others, made by a builder.</summary>
    Attestation,

    /// <summary>Something else.</summary>
    Unknown,
}

/// <summary>One of the manifests that an image's name leads to.</summary>
/// <param name="Descriptor">What refers to it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsAvailable">Whether it and everything it refers to is here.</param>
/// <param name="ContentSize">The bytes of those blobs that are here.</param>
/// <param name="UnpackedSize">The bytes of the files in those layers that are unpacked.</param>
/// <param name="Platform">What the image runs on; null when it is not known, or no image.</param>
/// <param name="ConfigId">The image's ID for this platform; null when it is not here, or no image.</param>
/// <param name="AttestationFor">The manifest that an attestation is about.</param>
public sealed record ImageManifestState(
    Descriptor Descriptor, ImageManifestKind Kind, bool IsAvailable, long ContentSize, long UnpackedSize, Platform? Platform, Digest? ConfigId,
    Digest? AttestationFor);

/// <summary>Lists the manifests of an image: one for each platform, attestations, and those that are not here.</summary>
/// <param name="store">Where the images are.</param>
/// <param name="snapshotter">Where their layers are unpacked.</param>
public sealed class ImageManifestLister(ImageStore store, ISnapshotter snapshotter)
{
    /// <summary>The manifests in the order of the index; one for an image without an index.</summary>
    /// <exception cref="GantryException">A document is damaged.</exception>
    public IReadOnlyList<ImageManifestState> List(Image image) => [.. store.Reader.AllManifests(image.Target).Select(Describe)];

    private ImageManifestState Describe(Descriptor descriptor)
    {
        var tree = new BlobTree(store.Content);
        var isHere = store.Content.Contains(descriptor.Digest);
        var children = isHere ? tree.Children(descriptor) : [];
        var contentSize = (store.Content.SizeOf(descriptor.Digest) ?? 0) + children.Sum(child => store.Content.SizeOf(child.Digest) ?? 0);
        var isAvailable = isHere && children.All(child => store.Content.Contains(child.Digest));
        if (descriptor.Annotation(Annotations.DockerReferenceType) is not null)
        {
            var about = Digest.TryParse(descriptor.Annotation(Annotations.DockerReferenceDigest), out var digest) ? digest : (Digest?)null;
            return new ImageManifestState(descriptor, ImageManifestKind.Attestation, isAvailable, contentSize, 0, null, null, about);
        }
        var config = children.FirstOrDefault(child => MediaTypes.IsConfig(child.MediaType));
        if (isHere && config is null)
            return new ImageManifestState(descriptor, ImageManifestKind.Unknown, isAvailable, contentSize, 0, null, null, null);
        var document = config is not null && store.Content.Contains(config.Digest)
            ? ImageDocument.ReadConfig(store.Content.ReadBytes(config.Digest, ImageDocument.MaxLength)).Value
            : null;
        return new ImageManifestState(
            descriptor, ImageManifestKind.Image, isAvailable, contentSize, Unpacked(document), descriptor.Platform ?? document?.Platform, config?.Digest, null);
    }

    private long Unpacked(ImageConfig? config) => ChainId.All(config?.RootFs?.DiffIds ?? []).Select(chainId => chainId.ToString())
        .Where(key => snapshotter.Find(key) is not null).Sum(key => SizeOf(key));

    private long SizeOf(string key) =>
        store.Images.SelectMany(image => image.Layers).FirstOrDefault(layer => layer.ChainId.ToString() == key)?.Size ?? snapshotter.MeasureUsage(key).Bytes;
}
