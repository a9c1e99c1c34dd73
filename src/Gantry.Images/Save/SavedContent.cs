using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Save;

/// <summary>Collects what an archive of images has to hold.</summary>
internal sealed class SavedContent(ContentStore content)
{
    private readonly SortedDictionary<Digest, long> _blobs = [];
    private readonly List<Descriptor> _index = [];
    private readonly List<DockerArchiveEntry> _entries = [];

    /// <summary>All blobs with their lengths, by digest.</summary>
    internal IReadOnlyDictionary<Digest, long> Blobs => _blobs;

    internal ImageIndex Index => new() { MediaType = MediaTypes.OciIndex, Manifests = _index };

    internal List<DockerArchiveEntry> Entries => _entries;

    /// <summary>Adds an image under names. Of an index everything that is here goes along, for other platforms too.</summary>
    internal void Add(Image image, Descriptor target, IReadOnlyList<ImageReference> names)
    {
        AddTree(target);
        if (names.Count == 0)
            _index.Add(target with { Annotations = null });
        foreach (var name in names)
        {
            // As docker and containerd write it: the whole name in one annotation, the tag in the other.
            var annotations = new Dictionary<string, string> { [Annotations.ContainerdImageName] = name.ToString() };
            if (name.Tag is not null)
                annotations[Annotations.RefName] = name.Tag;
            _index.Add(target with { Annotations = annotations });
        }
        _entries.Add(new DockerArchiveEntry
        {
            Config = PathOf(image.Id),
            RepoTags = names.Any(name => name.Tag is not null) ? [.. names.Where(name => name.Tag is not null).Select(name => name.Familiar)] : null,
            Layers = [.. image.Layers.Select(layer => PathOf(layer.Blob.Digest))],
        });
    }

    internal static string PathOf(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";

    private void AddTree(Descriptor descriptor)
    {
        if (content.SizeOf(descriptor.Digest) is not { } size || !_blobs.TryAdd(descriptor.Digest, size))
            return;
        if (MediaTypes.IsIndex(descriptor.MediaType))
        {
            foreach (var child in ImageDocument.ReadIndex(content.ReadBytes(descriptor.Digest, ImageDocument.MaxLength)).Value.Manifests)
                AddTree(child);
        }
        else if (MediaTypes.IsManifest(descriptor.MediaType))
        {
            var manifest = ImageDocument.ReadManifest(content.ReadBytes(descriptor.Digest, ImageDocument.MaxLength)).Value;
            foreach (var child in (IEnumerable<Descriptor>)(manifest.Config is null ? manifest.Layers : [manifest.Config, .. manifest.Layers]))
                AddTree(child);
        }
    }
}
