using System.Text.Json;
using Gantry.Images.Layers;
using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;

namespace Gantry.Images;

/// <summary>
/// The images of an engine. The OCI layout of the content store is all there is on disk: an image is a manifest with its configuration and
/// layers, a name is an entry of <c>index.json</c>. In memory everything that look-ups need is read once at start. Safe for use by
/// several threads.
/// </summary>
public sealed class ImageStore
{
    private readonly ContentStore _content;
    private readonly ImageReader _reader;
    private readonly Lock _gate = new();
    private readonly List<string> _problems = [];
    private volatile ImageCatalog _catalog = new([]);

    private ImageStore(ContentStore content, ISnapshotter snapshotter, Action<ImageEvent>? onEvent, ImageUse? use)
    {
        _content = content;
        _reader = new ImageReader(content);
        Events = onEvent ?? (_ => { });
        Use = use ?? new ImageUse(null, TimeProvider.System);
        Garbage = new ImageGarbage(content, snapshotter, Holds, () => _catalog);
    }

    /// <summary>What at the start could not be read as an image, for the log: the entries stay in the index.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>All images, in no order.</summary>
    public IReadOnlyCollection<Image> Images => _catalog.Images;

    /// <summary>When they were last used.</summary>
    public ImageUse Use { get; }

    internal ImageCatalog Catalog => _catalog;

    internal ContentStore Content => _content;

    internal ImageReader Reader => _reader;

    internal LayerHolds Holds { get; } = new();

    internal ImageGarbage Garbage { get; }

    internal Action<ImageEvent> Events { get; }

    /// <summary>Reads the index of a content store and everything it refers to.</summary>
    /// <param name="content">Where images are kept.</param>
    /// <param name="snapshotter">Where their layers are unpacked.</param>
    /// <param name="onEvent">Is told of every change, on the thread that makes it.</param>
    /// <param name="use">Knows when images were last used, its owner's; null: that is forgotten with this object.</param>
    /// <exception cref="GantryException">The index cannot be understood.</exception>
    public static ImageStore Open(ContentStore content, ISnapshotter snapshotter, Action<ImageEvent>? onEvent = null, ImageUse? use = null)
    {
        var store = new ImageStore(content, snapshotter, onEvent, use);
        store._catalog = store.Read(content.ReadIndex());
        store.ForgetUses();
        return store;
    }

    /// <summary>An image by ID, beginning of an ID, manifest digest or name. No file is read.</summary>
    /// <exception cref="GantryException">There is none: <c>No such image: x</c>; or the text is no reference.</exception>
    public Image Resolve(string nameOrId) => Find(nameOrId) ?? throw NoSuchImage(nameOrId);

    /// <summary>As <see cref="Resolve(string)"/>, for one of the platforms that the name stands for.</summary>
    /// <param name="nameOrId">The image.</param>
    /// <param name="platform">The platform; null: the one of this machine, or what there is.</param>
    /// <exception cref="GantryException">There is none, or it has nothing for the platform.</exception>
    public Image Resolve(string nameOrId, Platform? platform)
    {
        var image = Resolve(nameOrId);
        if (platform is null)
            return image;
        var found = _reader.TryRead(image.Target, platform) ?? throw WrongPlatform(nameOrId, image, platform);
        return found.Id == image.Id ? image : found with { RepoTags = image.RepoTags, RepoDigests = image.RepoDigests, TaggedAt = image.TaggedAt };
    }

    /// <summary>As <see cref="Resolve(string)"/>, answering null when there is none.</summary>
    public Image? Find(string nameOrId) => _catalog.Find(nameOrId);

    /// <summary>An image by its ID, or null.</summary>
    public Image? Find(Digest id) => _catalog.ById(id);

    /// <summary>The bytes of an image's configuration, verified, and what they say.</summary>
    /// <exception cref="GantryException">They are missing or damaged.</exception>
    public ImageDocument<ImageConfig> ReadConfig(Image image) =>
        ImageDocument.ReadConfig(_content.ReadBytes(image.Id, ImageDocument.MaxLength));

    /// <summary>Keeps an image's layers until the result is disposed: from before they are looked for until a snapshot stands on them.</summary>
    public LayerHold Hold(Image image) => Holds.Hold([.. image.Layers.Select(layer => layer.ChainId)]);

    /// <summary>As <see cref="Hold(Image)"/>, for layers that may not be an image yet.</summary>
    public LayerHold Hold(IEnumerable<ImageLayer> layers) => Holds.Hold([.. layers.Select(layer => layer.ChainId)]);

    /// <summary>The layers of all images by their chain IDs.</summary>
    public IReadOnlyDictionary<Digest, ImageLayer> KnownLayers()
    {
        var known = new Dictionary<Digest, ImageLayer>();
        foreach (var layer in Images.SelectMany(image => image.Layers))
            known.TryAdd(layer.ChainId, layer);
        return known;
    }

    /// <summary>Removes blobs and unpacked layers that no image needs and nobody holds.</summary>
    public void CollectGarbage() => Garbage.Collect();

    /// <summary>
    /// Makes an image visible whose blobs are there (and held by a lease of the caller) under some names, or under none, with one write. A name
    /// that another image had is taken from it; that image stays, without a name if it was its last.
    /// </summary>
    /// <param name="image">The image, with its layers' sizes.</param>
    /// <param name="references">The names, each with tag or digest.</param>
    internal void Register(Image image, params IReadOnlyList<ImageReference> references)
    {
        lock (_gate)
        {
            var displaced = references.Select(_catalog.Name).OfType<StoredName>().Select(name => name.Image).Where(id => id != image.Id).Distinct()
                .Select(_catalog.ById).ToList();
            var (sizes, now) = (image.Layers.Select(layer => layer.Size), DateTimeOffset.UtcNow);
            Update(index =>
            {
                foreach (var reference in references)
                {
                    IndexEntries.RemoveName(index, reference);
                    index.Manifests.Add(IndexAnnotations.Named(image.Target, reference, sizes, now));
                }
                if (references.Count > 0)
                    IndexEntries.RemoveUnnamed(index, image.Target.Digest);
                else if (_catalog.ById(image.Id) is null)
                    index.Manifests.Add(IndexAnnotations.Unnamed(image.Target, sizes));
                displaced.ForEach(old => KeepUnnamed(index, old));
            }, image);
            Use.Touch(image.Id);
        }
    }

    /// <summary>Whether a name stands for exactly this image and what it was pulled as.</summary>
    internal bool Means(ImageReference reference, Image image) =>
        _catalog.Name(reference) is { } name && name.Image == image.Id && name.Target == image.Target.Digest;

    /// <summary>Gives an image another manifest with the same configuration, under all names that meant the old one.</summary>
    internal void Replace(Image old, Image replacement)
    {
        foreach (var name in _catalog.NamesOf(old.Id).Where(name => name.Target == old.Target.Digest))
            Register(replacement, name.Reference);
    }

    /// <summary>The sizes of an image's layers as other images that have them know them, by chain ID.</summary>
    internal Dictionary<Digest, long> KnownSizes(Image image)
    {
        var wanted = image.Layers.Select(layer => layer.ChainId).ToHashSet();
        return Images.SelectMany(other => other.Layers).Where(layer => wanted.Contains(layer.ChainId))
            .DistinctBy(layer => layer.ChainId).ToDictionary(layer => layer.ChainId, layer => layer.Size);
    }

    /// <summary>Takes a name away; the image stays, without one if that was its last.</summary>
    internal void Untag(ImageReference reference)
    {
        lock (_gate)
        {
            var image = _catalog.Name(reference) is { } name ? _catalog.ById(name.Image) : null;
            Update(index =>
            {
                IndexEntries.RemoveName(index, reference);
                KeepUnnamed(index, image);
            });
        }
    }

    /// <summary>Takes an image with all its names out of the index. Its blobs and layers are left to <see cref="ImageGarbage"/>.</summary>
    internal void Forget(Image image)
    {
        lock (_gate)
            Update(index => index.Manifests.RemoveAll(entry => _catalog.IdOfTarget(entry.Digest) == image.Id));
    }

    /// <summary>Takes one entry out of the index, readable or not.</summary>
    internal void RemoveEntry(Descriptor entry)
    {
        lock (_gate)
            Update(index =>
                index.Manifests.RemoveAll(other => other.Digest == entry.Digest && IndexAnnotations.Reference(other) == IndexAnnotations.Reference(entry)));
    }

    /// <summary>Reads the index and what it refers to once more, instead of relying on what is known.</summary>
    internal void Reload()
    {
        lock (_gate)
        {
            _catalog = new ImageCatalog([]);
            _catalog = Read(_content.ReadIndex());
        }
    }

    /// <summary>The error for a name or ID that nothing has, in docker's words.</summary>
    internal static GantryException NoSuchImage(string nameOrId)
    {
        if (Digest.TryParse(nameOrId, out var digest) || Digest.TryParseHex(nameOrId, out digest))
            return GantryException.NotFound($"No such image: {digest}");
        return GantryException.NotFound($"No such image: {ImageReference.Parse(nameOrId).WithDefaultTag().Familiar}");
    }

    /// <summary>The error for a platform that an image does not have, in docker's words.</summary>
    internal static GantryException WrongPlatform(string nameOrId, Image image, Platform platform) => GantryException.NotFound(
        $"image with reference {nameOrId} was found but its platform ({image.Config.Platform}) does not match the specified platform ({platform})");

    /// <param name="change">The change of the index.</param>
    /// <param name="fresh">What is to be known of an image instead of what was; its target may have become more than it was.</param>
    private void Update(Action<ImageIndex> change, Image? fresh = null)
    {
        ImageIndex? changed = null;
        _content.UpdateIndex(index =>
        {
            change(index);
            changed = index;
        });
        _catalog = Read(changed!, fresh);
        ForgetUses();
    }

    private void ForgetUses() => Use.Keep(id => _catalog.ById(id) is not null);

    /// <summary>An image that has lost its last entry gets one without a name, or it would be garbage.</summary>
    private void KeepUnnamed(ImageIndex index, Image? image)
    {
        if (image is not null && !index.Manifests.Exists(entry => _catalog.IdOfTarget(entry.Digest) == image.Id))
            index.Manifests.Add(IndexAnnotations.Unnamed(image.Target, image.Layers.Select(layer => layer.Size)));
    }

    private ImageCatalog Read(ImageIndex index, Image? fresh = null)
    {
        _problems.Clear();
        var known = _catalog.Images.ToLookup(image => image.Target.Digest);
        var entries = new List<(Descriptor, Image)>(index.Manifests.Count);
        foreach (var entry in index.Manifests)
        {
            try
            {
                entries.Add((entry, (fresh?.Target.Digest == entry.Digest ? fresh : known[entry.Digest].FirstOrDefault())
                    ?? _reader.Read(entry, Platform.Host)));
            }
            catch (Exception e) when (e is GantryException or JsonException or OsException)
            {
                _problems.Add($"image {entry.Annotation(Annotations.ContainerdImageName) ?? entry.Digest.ToString()}: {e.Message}");
            }
        }
        return new ImageCatalog(entries);
    }
}
