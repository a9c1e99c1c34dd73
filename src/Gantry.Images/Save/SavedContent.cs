using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Save;

/// <summary>Collects what an archive of images has to hold.</summary>
internal sealed class SavedContent(ImageStore store)
{
    private readonly SortedDictionary<Digest, long> _blobs = [];
    private readonly List<Descriptor> _index = [];
    private readonly List<DockerArchiveEntry> _entries = [];

    /// <summary>All blobs with their lengths, by digest.</summary>
    internal IReadOnlyDictionary<Digest, long> Blobs => _blobs;

    internal ImageIndex Index => new() { MediaType = MediaTypes.OciIndex, Manifests = _index };

    internal List<DockerArchiveEntry> Entries => _entries;

    /// <summary>Adds an image under names. Of an index everything that is here goes along, or what belongs to the platforms that were asked for.</summary>
    /// <exception cref="GantryException">The image has nothing for one of the platforms.</exception>
    internal void Add(Image image, Descriptor target, IReadOnlyList<ImageReference> names, IReadOnlyList<Platform> platforms)
    {
        var chosen = platforms.Select(platform => store.Reader.TryRead(target, platform)
            ?? throw GantryException.NotFound($"no suitable export target found for platform {platform}")).DistinctBy(one => one.Id).ToList();
        // A single platform is an image of its own: no reader stumbles over an index of which most is missing.
        if (chosen is [var only])
            target = only.Manifest with { Platform = null };
        AddBlobs(target, chosen.ConvertAll(one => one.Manifest.Digest));
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
        var tags = names.Where(name => name.Tag is not null).Select(name => name.Familiar).ToList();
        var shown = chosen.Find(one => one.Id == image.Id) ?? (chosen.Count > 0 ? chosen[0] : image);
        _entries.Add(new DockerArchiveEntry
        {
            Config = PathOf(shown.Id),
            RepoTags = tags.Count > 0 ? tags : null,
            Layers = [.. shown.Layers.Select(layer => PathOf(layer.Blob.Digest))],
        });
    }

    internal static string PathOf(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";

    private void AddBlobs(Descriptor target, List<Digest> chosen)
    {
        foreach (var digest in new BlobTree(store.Content).Walk(target, chosen.Count == 0 ? null : IsChosen))
            _blobs[digest] = store.Content.SizeOf(digest) ?? 0;

        bool IsChosen(Descriptor manifest) =>
            chosen.Contains(manifest.Digest) || (
                Digest.TryParse(manifest.Annotation(Annotations.DockerReferenceDigest), out var about) && chosen.Contains(about));
    }
}
