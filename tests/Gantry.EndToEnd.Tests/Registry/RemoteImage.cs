using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>An image as a registry has it: the test image's layer, and a layer with one file <c>/mark</c> above it.</summary>
internal sealed class RemoteImage
{
    private const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    private readonly JsonArray _layers = [];
    private readonly byte[] _config;

    private RemoteImage(byte[] config) => _config = config;

    /// <summary>The descriptors of its layers, to be changed by who wants other ones.</summary>
    public IReadOnlyList<JsonObject> Layers => [.. _layers.Select(layer => layer!.AsObject())];

    /// <summary>Puts an image into a registry, all but its manifest.</summary>
    public static RemoteImage Add(LocalRegistry registry, string repository, string mark)
    {
        var archive = TestImage.Archive("any:1", TestImage.Layer(TestImage.File("mark", mark)));
        var files = new Dictionary<string, byte[]>();
        using var reader = new TarReader(new MemoryStream(archive));
        while (reader.GetNextEntry() is { } entry)
        {
            var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files[entry.Name] = content.ToArray();
        }
        var image = new RemoteImage(files["config.json"]);
        registry.AddBlob(repository, image._config);
        foreach (var name in (string[])["base/layer.tar", "own/layer.tar"])
        {
            var packed = Gzip(files[name]);
            image._layers.Add(new JsonObject
            {
                ["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip",
                ["digest"] = registry.AddBlob(repository, packed),
                ["size"] = packed.Length,
            });
        }
        return image;
    }

    /// <summary>Puts the manifest in as it is now; gives its digest.</summary>
    public string Tag(LocalRegistry registry, string repository, string tag)
    {
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = Manifest,
            ["config"] = new JsonObject
            {
                ["mediaType"] = "application/vnd.oci.image.config.v1+json",
                ["digest"] = LocalRegistry.DigestOf(_config),
                ["size"] = _config.Length,
            },
            ["layers"] = _layers.DeepClone(),
        };
        var bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        registry.AddManifest(repository, tag, Manifest, bytes);
        return LocalRegistry.DigestOf(bytes);
    }

    private static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }
}
