using System.Collections.Frozen;
using Gantry.Oci.Images;

namespace Gantry.Images.Store;

/// <summary>One name of an image.</summary>
/// <param name="Reference">The name, with tag or digest.</param>
/// <param name="Target">What it refers to.</param>
/// <param name="Image">The image's ID.</param>
/// <param name="TaggedAt">When it was set, if that is known.</param>
/// <param name="Entry">The image as this name means it: others may mean the same one by another manifest or index.</param>
internal sealed record StoredName(ImageReference Reference, Digest Target, Digest Image, DateTimeOffset? TaggedAt, Image Entry);

/// <summary>What the index says, read and ordered for look-ups. It never changes; a change of the index makes another one.</summary>
internal sealed class ImageCatalog
{
    private readonly FrozenDictionary<string, StoredName> _names;
    private readonly FrozenDictionary<Digest, Image> _images;
    private readonly FrozenDictionary<Digest, Digest> _manifests;
    private readonly FrozenSet<Digest> _chains;
    private readonly FrozenSet<(Digest Blob, Digest DiffId)> _archives;
    private readonly Digest[] _sortedIds;

    internal ImageCatalog(IEnumerable<(Descriptor Entry, Image Image)> entries)
    {
        var names = new Dictionary<string, StoredName>(StringComparer.Ordinal);
        var images = new Dictionary<Digest, Image>();
        var manifests = new Dictionary<Digest, Digest>();
        foreach (var (entry, image) in entries)
        {
            images.TryAdd(image.Id, image);
            manifests.TryAdd(image.Manifest.Digest, image.Id);
            manifests.TryAdd(entry.Digest, image.Id);
            if (IndexAnnotations.Reference(entry) is { } reference)
                names[reference.ToString()] = new StoredName(reference, entry.Digest, image.Id, IndexAnnotations.TaggedAt(entry), image);
        }
        var byImage = names.Values.ToLookup(name => name.Image);
        _images = images.Values.Select(image => WithNames(image, byImage[image.Id])).ToFrozenDictionary(image => image.Id);
        _names = names.ToFrozenDictionary(StringComparer.Ordinal);
        _manifests = manifests.ToFrozenDictionary();
        _chains = _images.Values.SelectMany(image => image.Layers).Select(layer => layer.ChainId).ToFrozenSet();
        _archives = _images.Values.SelectMany(image => image.Layers).Select(layer => (layer.Blob.Digest, layer.DiffId)).ToFrozenSet();
        _sortedIds = [.. _images.Keys.Order()];
    }

    internal IReadOnlyCollection<Image> Images => _images.Values;

    internal IReadOnlyCollection<StoredName> Names => _names.Values;

    internal bool UsesChain(Digest chainId) => _chains.Contains(chainId);

    /// <summary>Whether an image has this layer from this very archive, which was verified when it came.</summary>
    internal bool Knows(ImageLayer layer) => _archives.Contains((layer.Blob.Digest, layer.DiffId));

    internal Image? ById(Digest id) => _images.GetValueOrDefault(id);

    internal Digest? IdOfTarget(Digest manifestOrIndex) => _manifests.TryGetValue(manifestOrIndex, out var id) ? id : null;

    internal StoredName? Name(ImageReference reference) => _names.GetValueOrDefault(reference.ToString());

    internal List<StoredName> NamesOf(Digest image) =>
        [.. _names.Values.Where(name => name.Image == image).OrderBy(name => name.Reference.ToString(), StringComparer.Ordinal)];

    /// <summary>
    /// An image by whatever docker takes: ID with or without <c>sha256:</c>, an unambiguous beginning of it, the digest of a manifest, a name
    /// with tag, digest or both. Null when there is none.
    /// </summary>
    internal Image? Find(string nameOrId)
    {
        if (Digest.TryParse(nameOrId, out var digest) || Digest.TryParseHex(nameOrId, out digest))
            return ById(digest) ?? (IdOfTarget(digest) is { } id ? ById(id) : null);
        if (ImageReference.TryParse(nameOrId, out var reference) && ByName(reference) is { } image)
            return image;
        return ByPrefix(nameOrId);
    }

    private Image? ByName(ImageReference reference)
    {
        if (reference.Digest is not { } digest)
            return Name(reference.WithDefaultTag()) is { } tagged ? AsMeant(tagged) : null;
        if (Name(reference.WithoutTag().WithDigest(digest)) is { } exact)
            return AsMeant(exact);
        // repository@digest also finds what a tag of that repository refers to.
        foreach (var name in _names.Values)
        {
            if (name.Reference.Name == reference.Name && (name.Target == digest || ById(name.Image)!.Manifest.Digest == digest))
                return AsMeant(name);
        }
        return null;
    }

    private Image AsMeant(StoredName name)
    {
        var (image, entry) = (_images[name.Image], name.Entry);
        return image.Target.Digest == entry.Target.Digest ? image : image with { Manifest = entry.Manifest, Target = entry.Target, Layers = entry.Layers };
    }

    private Image? ByPrefix(string text)
    {
        const string algorithm = "sha256:";
        var hex = text.StartsWith(algorithm, StringComparison.Ordinal) ? text.AsSpan(algorithm.Length) : text.AsSpan();
        if (hex.IsEmpty || hex.Length > 64 || hex.ContainsAnyExcept("0123456789abcdef"))
            return null;
        Image? found = null;
        foreach (var id in _sortedIds)
        {
            if (!id.ToString().AsSpan(algorithm.Length).StartsWith(hex))
                continue;
            if (found is not null)
                return null;
            found = _images[id];
        }
        return found;
    }

    private static Image WithNames(Image image, IEnumerable<StoredName> names)
    {
        var tags = new List<string>();
        var digests = new List<string>();
        DateTimeOffset? taggedAt = null;
        foreach (var name in names)
        {
            (name.Reference.Digest is null ? tags : digests).Add(name.Reference.Familiar);
            if (name.TaggedAt > taggedAt || taggedAt is null)
                taggedAt = name.TaggedAt;
        }
        tags.Sort(StringComparer.Ordinal);
        digests.Sort(StringComparer.Ordinal);
        return image with { RepoTags = tags, RepoDigests = digests, TaggedAt = taggedAt };
    }
}
