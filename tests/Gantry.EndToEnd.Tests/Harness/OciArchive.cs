using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>Writes an image archive in the OCI image layout: the test image's root filesystem and one file more.</summary>
internal static class OciArchive
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";

    public static void Write(string file, string tag, string compression) =>
        Write(file, tag, (work, image) => Manifest(work, image, "amd64", compression));

    /// <summary>An index with an image for each of the architectures, all of the same files.</summary>
    public static void WriteForPlatforms(string file, string tag, params string[] architectures) => Write(file, tag, (work, image) =>
    {
        var manifests = architectures.Select(architecture =>
        {
            var manifest = Manifest(work, image, architecture, "gzip");
            manifest["platform"] = new { os = "linux", architecture };
            return manifest;
        }).ToArray();
        return Descriptor(image, IndexType, Json(new { schemaVersion = 2, mediaType = IndexType, manifests }));
    });

    private static void Write(string file, string tag, Func<WorkFolder, string, Dictionary<string, object>> write)
    {
        using var work = new WorkFolder();
        var image = work.File("image");
        Directory.CreateDirectory(System.IO.Path.Combine(image, "blobs", "sha256"));
        var target = write(work, image);
        target["annotations"] = new Dictionary<string, string>
        {
            ["io.containerd.image.name"] = "docker.io/library/" + tag,
            ["org.opencontainers.image.ref.name"] = tag.Split(':')[1],
        };
        File.WriteAllText(System.IO.Path.Combine(image, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllBytes(System.IO.Path.Combine(image, "index.json"), Json(new { schemaVersion = 2, mediaType = IndexType, manifests = new[] { target } }));
        Command.Run(["tar", "-C", image, "-cf", file, "oci-layout", "index.json", "blobs"]).Succeeded();
    }

    private static Dictionary<string, object> Manifest(WorkFolder work, string image, string architecture, string compression)
    {
        var layers = new[] { BaseLayer(work), ExtraLayer(work) };
        var config = Json(new
        {
            architecture,
            os = "linux",
            config = new { Cmd = new[] { "sh" }, Env = new[] { "PATH=/bin:/usr/bin" } },
            rootfs = new { type = "layers", diff_ids = layers.Select(layer => Digest(File.ReadAllBytes(layer))).ToArray() },
            history = layers.Select(_ => new { created_by = "for " + architecture }).ToArray(),
        });
        return Descriptor(image, "application/vnd.oci.image.manifest.v1+json", Json(new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.manifest.v1+json",
            config = Descriptor(image, "application/vnd.oci.image.config.v1+json", config),
            layers = layers.Select(layer => Layer(image, layer, compression)).ToArray(),
        }));
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

    private static Dictionary<string, object> Descriptor(string image, string mediaType, byte[] content)
    {
        var digest = Digest(content);
        File.WriteAllBytes(System.IO.Path.Combine(image, "blobs", "sha256", digest["sha256:".Length..]), content);
        return new Dictionary<string, object> { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
    }

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Json<T>(T document) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(document));
}
