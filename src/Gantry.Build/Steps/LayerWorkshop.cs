using Gantry.Images;
using Gantry.Images.Layers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Content;
using Gantry.Storage.Layers;
using Gantry.Storage.Snapshots;

namespace Gantry.Build.Steps;

/// <summary>
/// Makes layers: a writable snapshot on top of others, whose changes become an archive in the content store and which itself becomes the unpacked layer,
/// so that nothing is written twice. Archives are plain tar, so their digest is the layer's diff ID; a push compresses them.
/// </summary>
/// <param name="content">Where archives are.</param>
/// <param name="snapshots">Where unpacked layers are.</param>
/// <param name="clock">The time.</param>
public sealed class LayerWorkshop(ContentStore content, ISnapshotter snapshots, TimeProvider clock)
{
    private const string KeyPrefix = "build-";
    private const int BufferSize = 1 << 18;
    private static readonly MountPlaceholders s_placeholders = new(["/proc", "/dev", "/sys", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts"]);
    private long _last;

    /// <summary>Removes what a builder that died left.</summary>
    public void RemoveLeftovers()
    {
        foreach (var snapshot in snapshots.List().Where(snapshot => snapshot.Writable && snapshot.Key.StartsWith(KeyPrefix, StringComparison.Ordinal)))
            snapshots.Remove(snapshot.Key);
    }

    /// <summary>Begins a layer on top of others.</summary>
    public OpenLayer Begin(LayerResult parent)
    {
        var key = KeyPrefix + Interlocked.Increment(ref _last);
        snapshots.Prepare(key, parent.TopSnapshot);
        return new OpenLayer(this, key, parent);
    }

    /// <summary>A view of the files of layers; null for none.</summary>
    public Fd? OpenView(LayerResult layers) => layers.TopSnapshot is { } top ? snapshots.OpenMount(top, readOnly: true) : null;

    internal Fd OpenMount(string key) => snapshots.OpenMount(key, readOnly: false);

    internal void Drop(string key) => snapshots.Remove(key);

    internal LayerResult Commit(OpenLayer open, ContentLease lease, MountPlaceholders? placeholders, FileTime? newest, CancellationToken cancellation)
    {
        var layer = Pack(open, lease, placeholders, newest, cancellation);
        open.Late.Finish();
        if (open.Late.WasMissed)
        {
            // The file system gave them other numbers than it gives those who look from above.
            open.Late.Settle();
            layer = Pack(open, lease, placeholders, newest, cancellation);
        }
        open.Unmount();
        snapshots.Commit(layer.ChainId.ToString(), open.Key);
        return new LayerResult([.. open.Parent.Layers, layer], [.. open.Parent.Created, clock.GetUtcNow()]);
    }

    /// <summary>Makes a layer of what files have other than those they do not stand on. It is not unpacked.</summary>
    internal (ImageLayer Layer, DateTimeOffset? Created) Compare(
        LayerResult lower, LayerResult upper, ContentLease lease, FileTime? newest, CancellationToken cancellation)
    {
        using var nothing = Begin(LayerResult.Empty);
        using var before = OpenView(lower);
        using var view = OpenView(upper);
        var layer = Pack(lease, default, output => LayerDiffer.WriteDifference(view ?? nothing.Mount, before, output, newest, cancellation));
        return (layer with { Size = layer.Blob.Size }, clock.GetUtcNow());
    }

    private ImageLayer Pack(OpenLayer open, ContentLease lease, MountPlaceholders? placeholders, FileTime? newest, CancellationToken cancellation)
    {
        var below = open.Parent.Layers.Count > 0 ? open.Parent.Layers[^1].ChainId : default;
        return Pack(lease, below, output =>
            snapshots.WriteDiff(open.Key, output, placeholders, newest, open.Late, cancellation)) with { Size = snapshots.MeasureUsage(open.Key).Bytes };
    }

    private static ImageLayer Pack(ContentLease lease, Digest below, Action<Stream> write)
    {
        using var writer = lease.CreateWriter(durability: BlobDurability.Cache);
        Digest digest;
        using (var buffered = new BufferedStream(writer, BufferSize))
        {
            write(buffered);
            buffered.Flush();
            digest = writer.Commit();
        }
        var blob = new Descriptor { MediaType = MediaTypes.OciLayer, Digest = digest, Size = writer.Length };
        return new ImageLayer(blob, digest, ChainId.Next(below, digest), 0);
    }

    /// <summary>What a runtime makes for its own mounts, which is no change of the user's.</summary>
    internal static MountPlaceholders PlaceholdersWith(IEnumerable<string> targets)
    {
        var own = targets.ToList();
        return own.Count == 0 ? s_placeholders : new MountPlaceholders(["/proc", "/dev", "/sys", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts", .. own]);
    }

    /// <summary>Brings archives to the disk: before an image that needs them is reported.</summary>
    internal void Synchronize(IEnumerable<ImageLayer> layers)
    {
        foreach (var layer in layers)
        {
            using var file = FileOpener.Open(content.PathOf(layer.Blob.Digest), OpenFlags.ReadOnly);
            FileSynchronization.Synchronize(file);
        }
    }
}

/// <summary>A layer that is being made. Without <see cref="Commit"/> nothing of it stays.</summary>
public sealed class OpenLayer : IDisposable
{
    private readonly LayerWorkshop _workshop;
    private Fd? _mount;
    private bool _committed;

    internal OpenLayer(LayerWorkshop workshop, string key, LayerResult parent) => (_workshop, Key, Parent) = (workshop, key, parent);

    /// <summary>What it stands on.</summary>
    public LayerResult Parent { get; }

    /// <summary>Its files as a writable mount.</summary>
    public Fd Mount => _mount ??= _workshop.OpenMount(Key);

    /// <summary>Its large files, whose content may come while it is packed.</summary>
    public LateContents Late { get; } = new();

    internal string Key { get; }

    /// <summary>Makes a layer of what was changed.</summary>
    /// <param name="lease">Holds its archive.</param>
    /// <param name="mountTargets">Where the runtime mounted something, and may have made a placeholder; null: nothing ran.</param>
    /// <param name="newest">The latest time that a file of its archive has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    public LayerResult Commit(ContentLease lease, IEnumerable<string>? mountTargets, FileTime? newest, CancellationToken cancellation)
    {
        var result = _workshop.Commit(this, lease, mountTargets is null ? null : LayerWorkshop.PlaceholdersWith(mountTargets), newest, cancellation);
        _committed = true;
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Late.Dispose();
        Unmount();
        if (!_committed)
            _workshop.Drop(Key);
    }

    /// <summary>
    /// The end of an overlay mount writes back its whole file system: nobody waits for that. So it comes when no file of it is open any more.
    /// </summary>
    internal void Unmount()
    {
        if (Interlocked.Exchange(ref _mount, null) is { } mount)
            _ = Task.Run(mount.Dispose);
    }
}
