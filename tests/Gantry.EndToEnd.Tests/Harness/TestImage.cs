using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>Writes image archives in docker's form: the test image's layer, a layer of any entries above it, any configuration.</summary>
internal static class TestImage
{
    private static readonly Lazy<byte[]> s_base = new(() =>
    {
        using var work = new WorkFolder();
        Command.Shell($"tar -xOf '{TestEnvironment.ImageArchive}' --wildcards '*/layer.tar' >'{work.File("base")}'");
        return System.IO.File.ReadAllBytes(work.File("base"));
    });

    /// <summary>Loads an image; what the client said of it.</summary>
    public static CommandResult Load(Engine engine, string tag, TarEntry[] entries, JsonObject? config = null) =>
        engine.Docker.RunWithInput(Archive(tag, Layer(entries), config), "load");

    /// <summary>The archive of an image with one layer of its own.</summary>
    public static byte[] Archive(string tag, byte[] layer, JsonObject? config = null)
    {
        config ??= [];
        config["Env"] ??= new JsonArray("PATH=/bin");
        config["Cmd"] ??= new JsonArray("sh");
        var document = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = config,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(DiffId(s_base.Value), DiffId(layer)) },
        };
        var configuration = Encoding.UTF8.GetBytes(document.ToJsonString());
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = "config.json",
            ["RepoTags"] = new JsonArray(tag),
            ["Layers"] = new JsonArray("base/layer.tar", "own/layer.tar"),
        });
        return Layer([File("base/layer.tar", s_base.Value), File("own/layer.tar", layer), File("config.json", configuration),
            File("manifest.json", Encoding.UTF8.GetBytes(manifest.ToJsonString()))]);
    }

    /// <summary>A tar archive of these entries, as they are.</summary>
    public static byte[] Layer(params IEnumerable<TarEntry> entries)
    {
        var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var entry in entries) writer.WriteEntry(entry);
        return bytes.ToArray();
    }

    public static TarEntry File(string name, byte[] content, UnixFileMode mode = (UnixFileMode)0b111_101_101, Dictionary<string, string>? attributes = null) =>
        new PaxTarEntry(TarEntryType.RegularFile, name, attributes ?? []) { DataStream = new MemoryStream(content), Mode = mode };

    public static TarEntry File(string name, string content) => File(name, Encoding.UTF8.GetBytes(content));

    public static TarEntry Link(string name, string target) => new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };

    public static TarEntry HardLink(string name, string target) => new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target };

    public static TarEntry Folder(string name) => new PaxTarEntry(TarEntryType.Directory, name) { Mode = (UnixFileMode)0b111_101_101 };

    public static TarEntry Fifo(string name) => new PaxTarEntry(TarEntryType.Fifo, name) { Mode = (UnixFileMode)0b110_110_110 };

    private static string DiffId(byte[] layer) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(layer));
}
