using Gantry.Oci.Images;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Images.Tests;

/// <summary>How a layer travels.</summary>
public enum LayerForm
{
    Plain,
    Gzip,
    Zstd,
}

/// <summary>An image as a registry has it.</summary>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Config">Its configuration, whose digest is the image's ID.</param>
/// <param name="Layers">Its layers as they travel.</param>
internal sealed record RemoteImage(Descriptor Manifest, Descriptor Config, IReadOnlyList<Descriptor> Layers);

/// <summary>Puts images into a registry.</summary>
internal static class RegistryImages
{
    /// <summary>An image of plain archives, sent in some form under OCI's or docker's media types.</summary>
    public static RemoteImage AddImage(
        this TestRegistry registry, string repository, string? tag, byte[][] layers, LayerForm form = LayerForm.Gzip, bool docker = false,
        byte[]? config = null)
    {
        var blobs = layers.Select(layer => registry.AddBlob(repository, Pack(layer, form), TypeOf(form, docker))).ToList();
        var its = registry.AddBlob(repository, config ?? Archives.Config(layers), docker ? MediaTypes.DockerConfig : MediaTypes.OciConfig);
        return registry.AddManifest(repository, tag, its, blobs, docker);
    }

    /// <summary>A manifest that says whatever a test wants.</summary>
    public static RemoteImage AddManifest(
        this TestRegistry registry, string repository, string? tag, Descriptor config, List<Descriptor> layers, bool docker = false)
    {
        var type = docker ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
        var manifest = ImageDocument.Create(new ImageManifest { MediaType = type, Config = config, Layers = layers });
        return new RemoteImage(registry.AddManifest(repository, manifest.Bytes.ToArray(), type, tag), config, layers);
    }

    /// <summary>The requests for the content of a blob or manifest, in their order.</summary>
    public static List<TestRequest> Gets(this TestRegistry registry, Descriptor what) =>
        [.. registry.Requests.Where(request => request.Method == "GET" && request.Path.EndsWith(what.Digest.ToString(), StringComparison.Ordinal))];

    public static List<TestRequest> Uploads(this TestRegistry registry) =>
        [.. registry.Requests.Where(request => request.Method is "PUT" && request.Path.Contains("/blobs/uploads/", StringComparison.Ordinal))];

    /// <summary>An archive of a file that does not compress, so that it is long on its way.</summary>
    public static byte[] Noise(string name, int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return Archives.Tar((name, content));
    }

    private static byte[] Pack(byte[] layer, LayerForm form) => form switch
    {
        LayerForm.Gzip => Archives.Gzip(layer),
        LayerForm.Zstd => Archives.Zstd(layer),
        _ => layer,
    };

    private static string TypeOf(LayerForm form, bool docker) => (form, docker) switch
    {
        (LayerForm.Plain, true) => MediaTypes.DockerLayer,
        (LayerForm.Plain, false) => MediaTypes.OciLayer,
        (LayerForm.Zstd, _) => MediaTypes.OciLayerZstd,
        (_, true) => MediaTypes.DockerLayerGzip,
        _ => MediaTypes.OciLayerGzip,
    };
}
