using System.IO.Compression;
using System.Text;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Archives;

namespace Gantry.Engine.Tests.Migrate;

/// <summary>A Docker's root folder, made by hand as Docker makes it.</summary>
public sealed class DockerFolder : IDisposable
{
    private const int BlockSize = 512;

    public string Root { get; } = Directory.CreateTempSubdirectory("gantry-docker-").FullName;

    public DockerFolder()
    {
        Directory.CreateDirectory(Path.Combine(Root, "volumes"));
        Directory.CreateDirectory(Path.Combine(Root, "image/overlay2/layerdb/sha256"));
    }

    public void Dispose() => DirectoryTree.Remove(Root);

    public string Write(string path, string content)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        return full;
    }

    public void Write(string path, byte[] content)
    {
        Write(path, "");
        File.WriteAllBytes(Path.Combine(Root, path), content);
    }

    /// <summary>An archive of files.</summary>
    public static byte[] Archive(params (string Name, string Content)[] files)
    {
        using var archive = new MemoryStream();
        var writer = new TarWriter(archive);
        foreach (var (name, content) in files)
        {
            var data = Encoding.UTF8.GetBytes(content);
            writer.WriteHeader(
                new TarEntry { Name = Encoding.UTF8.GetBytes(name), Kind = TarEntryKind.File, Permissions = 0x1a4 /* 0644 */, Size = data.Length });
            writer.WriteData(data);
            writer.FillData();
        }
        writer.Finish();
        return archive.ToArray();
    }

    /// <summary>A layer: its files in a folder, and the description of the rest of its archive.</summary>
    public Digest AddLayer(string cacheId, Digest chainId, params (string Name, string Content)[] files)
    {
        var archive = Archive(files);
        Write($"image/overlay2/layerdb/sha256/{chainId.Hex}/cache-id", cacheId);
        Write($"image/overlay2/layerdb/sha256/{chainId.Hex}/tar-split.json.gz", Describe(archive, files));
        Write($"image/overlay2/layerdb/sha256/{chainId.Hex}/size", $"{files.Sum(file => file.Content.Length)}");
        foreach (var (name, content) in files)
            Write($"overlay2/{cacheId}/diff/{name}", content);
        return Digest.Compute(archive);
    }

    /// <summary>The configuration of an image, and its names.</summary>
    public Digest AddImage(Digest[] diffIds, params string[] names)
    {
        var config = Encoding.UTF8.GetBytes(
            $$"""{"architecture":"amd64","os":"linux","config":{"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":[{{string.Join(',', diffIds.Select(id => $"\"{id}\""))}}]} }""");
        var id = Digest.Compute(config);
        Write($"image/overlay2/imagedb/content/sha256/{id.Hex}", config);
        Write("image/overlay2/repositories.json",
            $$$"""{"Repositories":{"app":{{{{string.Join(',', names.Select(name => $"\"{name}\":\"{id}\""))}}}},"broken":7}}""");
        return id;
    }

    public static byte[] Describe(byte[] archive, (string Name, string Content)[] files)
    {
        var lines = new StringBuilder();
        var position = 0;
        void Segment(int end)
        {
            lines.Append($$"""{"type":2,"payload":"{{Convert.ToBase64String(archive, position, end - position)}}","position":0}""").Append('\n');
            position = end;
        }
        foreach (var (name, content) in files)
        {
            Segment((position + BlockSize - 1) / BlockSize * BlockSize + BlockSize);
            var size = Encoding.UTF8.GetByteCount(content);
            lines.Append(
                $$"""{"type":1,"name_raw":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}}","size":{{size}},"payload":"AAAAAAAAAAA=","position":1}""")
                .Append('\n');
            position += size;
        }
        Segment(archive.Length);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(lines.ToString()));
        return packed.ToArray();
    }
}
