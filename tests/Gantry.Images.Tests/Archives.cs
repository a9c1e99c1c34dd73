using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Gantry.Oci.Images;
using Gantry.Storage.Archives;

namespace Gantry.Images.Tests;

/// <summary>Makes archives as other tools write them, and as nobody should.</summary>
public static class Archives
{
    public static byte[] Tar(params IEnumerable<(string Name, byte[] Content)> files) =>
        TarOf([.. files.Select(file => (new TarEntry { Name = Bytes(file.Name), Permissions = 0x1a4, Size = file.Content.Length }, file.Content))]);

    public static byte[] TarOf(params IEnumerable<(TarEntry Entry, byte[] Content)> entries)
    {
        var stream = new MemoryStream();
        var tar = new TarWriter(stream);
        foreach (var (entry, content) in entries)
        {
            tar.WriteHeader(entry);
            if (content.Length > 0)
                tar.WriteData(content);
        }
        tar.Finish();
        return stream.ToArray();
    }

    public static TarEntry Link(string name, string target, TarEntryKind kind = TarEntryKind.SymbolicLink) =>
        new() { Name = Bytes(name), LinkName = Bytes(target), Kind = kind, Permissions = 0x1ff };

    public static byte[] Gzip(byte[] content)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(content);
        return stream.ToArray();
    }

    /// <summary>A zstd frame of raw blocks (RFC 8878, 3.1.1): compressed enough to be one.</summary>
    public static byte[] Zstd(byte[] content)
    {
        var stream = new MemoryStream();
        // Magic number; a frame header with a window of 1 MiB and no content size.
        stream.Write([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]);
        const int block = 100_000;
        for (var at = 0; at == 0 || at < content.Length; at += block)
        {
            var length = Math.Min(block, content.Length - at);
            var header = (length << 3) | (at + length >= content.Length ? 1 : 0);
            stream.Write([(byte)header, (byte)(header >> 8), (byte)(header >> 16)]);
            stream.Write(content, at, length);
        }
        return stream.ToArray();
    }

    public static byte[] Layer(params IEnumerable<(string Name, string Text)> files) => Tar(files.Select(file => (file.Name, Bytes(file.Text))));

    public static byte[] Config(IEnumerable<byte[]> layers, string command = "sh", string architecture = "", string created = "2024-01-01T00:00:00Z") =>
        ImageDocument.Create(new ImageConfig
        {
            Created = created,
            Architecture = architecture.Length > 0 ? architecture : Platform.Host.Architecture,
            Os = "linux",
            Config = new ImageRunConfig { Cmd = [command], Labels = new Dictionary<string, string> { ["command"] = command } },
            RootFs = new ImageRootFs { DiffIds = [.. layers.Select(layer => Digest.Compute(layer))] },
            History = [.. layers.Select((_, i) => new ImageHistory { CreatedBy = $"layer {i}" }), new ImageHistory { CreatedBy = "CMD", EmptyLayer = true }],
        }).Bytes.ToArray();

    /// <summary>As docker before 25 wrote it: folders by layer, a configuration by its digest, manifest.json last.</summary>
    public static byte[] Docker(string[]? tags, byte[] config, params IEnumerable<byte[]> layers)
    {
        var files = new List<(string, byte[])>();
        var paths = new List<string>();
        foreach (var layer in layers)
        {
            var folder = Digest.Compute([.. layer, 1]).Hex;
            files.Add(($"{folder}/VERSION", Bytes("1.0")));
            files.Add(($"{folder}/json", Bytes("{}")));
            files.Add(($"{folder}/layer.tar", layer));
            paths.Add($"{folder}/layer.tar");
        }
        var configPath = Digest.Compute(config).Hex + ".json";
        files.Add((configPath, config));
        files.Add(("manifest.json", Manifest((configPath, tags, paths))));
        files.Add(("repositories", Bytes("{}")));
        return Tar(files);
    }

    public static byte[] Manifest(params IEnumerable<(string Config, string[]? Tags, List<string> Layers)> entries) =>
        JsonSerializer.SerializeToUtf8Bytes(
            entries.Select(entry => new DockerArchiveEntry { Config = entry.Config, RepoTags = entry.Tags?.ToList(), Layers = entry.Layers }).ToList(),
            OciImageJson.Plain.ListDockerArchiveEntry);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>An OCI layout being put together.</summary>
public sealed class OciLayout
{
    private readonly SortedDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);

    public List<Descriptor> Index { get; } = [];

    public Descriptor Add(byte[] content, string mediaType)
    {
        var digest = Digest.Compute(content);
        _blobs[$"blobs/sha256/{digest.Hex}"] = content;
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = content.Length };
    }

    public Descriptor AddImage(byte[] config, params IEnumerable<(byte[] Blob, string MediaType)> layers) =>
        Add(ImageDocument.Create(new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = Add(config, MediaTypes.OciConfig),
            Layers = [.. layers.Select(layer => Add(layer.Blob, layer.MediaType))],
        }).Bytes.ToArray(), MediaTypes.OciManifest);

    public Descriptor AddIndex(params List<Descriptor> manifests) =>
        Add(ImageDocument.Create(new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = manifests }).Bytes.ToArray(), MediaTypes.OciIndex);

    public void Replace(Digest digest, byte[] content) => _blobs[$"blobs/sha256/{digest.Hex}"] = content;

    public void Remove(Digest digest) => _blobs.Remove($"blobs/sha256/{digest.Hex}");

    public byte[] ToTar() => Archives.Tar([
        ("oci-layout", Archives.Bytes("{\"imageLayoutVersion\":\"1.0.0\"}")),
        .. _blobs.Select(blob => (blob.Key, blob.Value)),
        ("index.json", ImageDocument.Create(new ImageIndex { Manifests = Index }).Bytes.ToArray()),
    ]);

    public static Descriptor Named(Descriptor target, string name) => target with
    {
        Annotations = new Dictionary<string, string> { [Annotations.ContainerdImageName] = name, [Annotations.RefName] = "latest" },
    };
}
