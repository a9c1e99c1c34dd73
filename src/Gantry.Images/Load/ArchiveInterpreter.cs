using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Load;

/// <summary>
/// Finds the images of an archive. One with an <c>index.json</c> is an OCI layout; its manifests keep their digests. Docker 25 and later
/// writes both descriptions: names then come from either.
/// </summary>
internal sealed class ArchiveInterpreter(ContentStore content, ContentLease lease, ImageReader reader)
{
    private readonly DockerArchive _docker = new(content, lease);

    /// <exception cref="GantryException">The archive holds no image, or contradicts itself.</exception>
    internal List<ArchiveImage> Interpret(ReceivedArchive archive)
    {
        var entries = archive.Documents.TryGetValue("manifest.json", out var manifest) ? DockerArchive.Read(manifest) : [];
        if (!archive.Documents.TryGetValue("index.json", out var index))
        {
            return manifest is null
                ? throw GantryException.Invalid("image archive: neither manifest.json nor index.json is in it")
                : [.. entries.Select(entry => _docker.Convert(entry, archive))];
        }
        var images = Layout(ImageDocument.ReadIndex(index).Value);
        foreach (var entry in entries)
            Merge(images, entry, archive);
        return images.Count > 0 ? images : throw GantryException.Invalid("image archive: index.json names no image");
    }

    private static List<ArchiveImage> Layout(ImageIndex index)
    {
        var images = new Dictionary<Digest, (Descriptor Target, List<ImageReference> Names)>();
        foreach (var entry in index.Manifests)
        {
            if (!MediaTypes.IsIndex(entry.MediaType) && !MediaTypes.IsManifest(entry.MediaType))
                continue;
            if (!images.TryGetValue(entry.Digest, out var image))
                images[entry.Digest] = image = (entry with { Annotations = null }, []);
            if (IndexAnnotations.Reference(entry) is { } reference)
                image.Names.Add(reference);
        }
        return [.. images.Values.Select(image => new ArchiveImage(image.Target, image.Names))];
    }

    /// <summary>Adds the names of an entry to the image of the same configuration; an entry that the index does not have is an image of its own.</summary>
    private void Merge(List<ArchiveImage> images, DockerArchiveEntry entry, ReceivedArchive archive)
    {
        var config = archive.File(entry.Config, "configuration").Digest;
        var found = images.FindIndex(image => reader.Manifests(image.Target).Exists(one => ConfigOf(one.Manifest) == config));
        if (found < 0)
            images.Add(_docker.Convert(entry, archive));
        else
            images[found] = images[found] with { Names = [.. images[found].Names.Union(DockerArchive.Names(entry))] };
    }

    private Digest? ConfigOf(Descriptor manifest) =>
        ImageDocument.ReadManifest(content.ReadBytes(manifest.Digest, ImageDocument.MaxLength)).Value.Config?.Digest;
}
