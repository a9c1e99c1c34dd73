using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Json;
using Gantry.Storage.Compression;
using Gantry.Storage.Content;

namespace Gantry.Images.Load;

/// <summary>Understands <c>manifest.json</c>, with which docker before 25, podman, bazel and others describe the images of an archive.</summary>
internal sealed class DockerArchive(ContentStore content, ContentLease lease)
{
    /// <summary>The entries of the document.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    internal static List<DockerArchiveEntry> Read(byte[] document)
    {
        try
        {
            ForeignJson.Verify(document);
            return JsonSerializer.Deserialize(document, OciImageJson.Default.ListDockerArchiveEntry) ?? throw new JsonException("the document is null");
        }
        catch (JsonException e)
        {
            throw GantryException.Invalid($"image archive: manifest.json: {e.Message}", e);
        }
    }

    /// <summary>The names of an entry.</summary>
    /// <exception cref="GantryException">One is malformed or has no tag.</exception>
    internal static List<ImageReference> Names(DockerArchiveEntry entry)
    {
        var names = new List<ImageReference>();
        foreach (var text in entry.RepoTags ?? [])
        {
            var reference = ImageReference.Parse(text);
            if (reference.Tag is null || reference.Digest is not null)
                throw GantryException.Invalid($"invalid tag \"{text}\"");
            names.Add(reference);
        }
        return names;
    }

    /// <summary>Makes the manifest that such an archive lacks, from the files that an entry names.</summary>
    internal ArchiveImage Convert(DockerArchiveEntry entry, ReceivedArchive archive)
    {
        var config = archive.File(entry.Config, "configuration");
        var manifest = ImageDocument.Create(new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = config.Digest, Size = config.Size },
            Layers = [.. entry.Layers.Select(path => Layer(archive.File(path, "layer")))],
        });
        lease.Add(manifest.Bytes.Span);
        var target = new Descriptor { MediaType = MediaTypes.OciManifest, Digest = manifest.Digest, Size = manifest.Bytes.Length };
        return new ArchiveImage(target, Names(entry));
    }

    private Descriptor Layer(ReceivedFile file)
    {
        var start = new byte[Decompression.MagicLength];
        using var blob = content.OpenRead(file.Digest);
        var length = blob.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var mediaType = Decompression.Detect(start.AsSpan(0, length)) switch
        {
            CompressionKind.Gzip => MediaTypes.OciLayerGzip,
            CompressionKind.Zstd => MediaTypes.OciLayerZstd,
            CompressionKind.Bzip2 or CompressionKind.Xz =>
                throw GantryException.Invalid($"the layer {file.Digest} of the archive is compressed with bzip2 or xz, which layers of images are not"),
            _ => MediaTypes.OciLayer,
        };
        return new Descriptor { MediaType = mediaType, Digest = file.Digest, Size = file.Size };
    }
}
