using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Images;
using Gantry.Oci.Images;

namespace Gantry.Api.Mapping;

/// <summary>The manifests of an image on the wire.</summary>
internal sealed class ImageManifestMapping(ImageManifestLister lister, ContainerRegistry containers)
{
    public IReadOnlyList<ImageManifestSummary> ToSummaries(Image image) => [.. lister.List(image).Select(ToSummary)];

    public static OciDescriptor ToDescriptor(Descriptor descriptor) => new()
    {
        MediaType = descriptor.MediaType,
        Digest = descriptor.Digest.ToString(),
        Size = descriptor.Size,
        Urls = descriptor.Urls,
        Annotations = descriptor.Annotations,
        Data = descriptor.Data is { } data ? Convert.ToBase64String(data) : null,
        Platform = descriptor.Platform is { } platform ? ToPlatform(platform) : null,
        ArtifactType = descriptor.ArtifactType,
    };

    private ImageManifestSummary ToSummary(ImageManifestState state) => new()
    {
        ID = state.Descriptor.Digest.ToString(),
        Descriptor = ToDescriptor(state.Descriptor),
        Available = state.IsAvailable,
        Size = new ImageManifestSize { Total = state.ContentSize + state.UnpackedSize, Content = state.ContentSize },
        Kind = state.Kind.ToString().ToLowerInvariant(),
        ImageData = state.Kind == ImageManifestKind.Image ? ToImageData(state) : null,
        AttestationData = state.Kind == ImageManifestKind.Attestation ? new ImageManifestAttestation { For = state.AttestationFor?.ToString() ?? "" } : null,
    };

    private ImageManifestImage ToImageData(ImageManifestState state)
    {
        var id = state.ConfigId?.ToString();
        return new ImageManifestImage
        {
            Platform = ToPlatform(state.Platform ?? new Platform()),
            Containers = [.. containers.List().Where(container => container.ImageId == id).Select(container => container.Id)],
            Size = new ImageManifestUnpackedSize { Unpacked = state.UnpackedSize },
        };
    }

    private static OciPlatform ToPlatform(Platform platform) => new()
    {
        Architecture = platform.Architecture,
        Os = platform.Os,
        OsVersion = platform.OsVersion,
        OsFeatures = platform.OsFeatures,
        Variant = platform.Variant,
    };
}
