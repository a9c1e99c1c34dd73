using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>Writes an image archive in the OCI image layout: the test image's root filesystem and one file more.</summary>
internal static class OciArchive
{
    public static void Write(string file, string tag, string compression)
    {
        using var work = new WorkFolder();
        var image = work.File("image");
        Directory.CreateDirectory(System.IO.Path.Combine(image, "blobs", "sha256"));

        var layers = new[] { BaseLayer(work), ExtraLayer(work) };
        var descriptors = layers.Select(layer => Layer(image, layer, compression)).ToArray();
        var config = Json(new
        {
            architecture = "amd64",
            os = "linux",
            config = new { Cmd = new[] { "sh" }, Env = new[] { "PATH=/bin:/usr/bin" } },
            rootfs = new { type = "layers", diff_ids = layers.Select(layer => Digest(File.ReadAllBytes(layer))).ToArray() },
        });
        var manifest = Json(new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.manifest.v1+json",
            config = Descriptor(image, "application/vnd.oci.image.config.v1+json", config),
            layers = descriptors,
        });
        var index = Json(new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.index.v1+json",
            manifests = new[] { Descriptor(image, "application/vnd.oci.image.manifest.v1+json", manifest, new() { ["io.containerd.image.name"] = "docker.io/library/" + tag, ["org.opencontainers.image.ref.name"] = tag.Split(':')[1] }) },
        });
        File.WriteAllText(System.IO.Path.Combine(image, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllBytes(System.IO.Path.Combine(image, "index.json"), index);
        Command.Run(["tar", "-C", image, "-cf", file, "oci-layout", "index.json", "blobs"]).Succeeded();
    }

    private static string BaseLayer(WorkFolder work)
    {
        var layer = work.File("base.tar");
        Command.Shell($"tar -xOf '{TestEnvironment.ImageArchive}' --wildcards '*/layer.tar' >'{layer}'");
        return layer;
    }

    private static string ExtraLayer(WorkFolder work)
    {
        File.WriteAllText(work.File("where"), "from an OCI archive\n");
        var layer = work.File("extra.tar");
        Command.Run(["tar", "-C", work.Path, "-cf", layer, "where"]).Succeeded();
        return layer;
    }

    private static Dictionary<string, object> Layer(string image, string layer, string compression)
    {
        if (compression == "none") return Descriptor(image, "application/vnd.oci.image.layer.v1.tar", File.ReadAllBytes(layer));
        var packed = $"{layer}.{compression}";
        Command.Shell($"{compression} -c '{layer}' >'{packed}'");
        return Descriptor(image, "application/vnd.oci.image.layer.v1.tar+" + compression, File.ReadAllBytes(packed));
    }

    private static Dictionary<string, object> Descriptor(string image, string mediaType, byte[] content, Dictionary<string, string>? annotations = null)
    {
        var digest = Digest(content);
        File.WriteAllBytes(System.IO.Path.Combine(image, "blobs", "sha256", digest["sha256:".Length..]), content);
        var descriptor = new Dictionary<string, object> { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
        if (annotations is not null) descriptor["annotations"] = annotations;
        return descriptor;
    }

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Json<T>(T document) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(document));
}
