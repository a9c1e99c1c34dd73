using System.Text;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Storage.Layers;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Snapshots.Overlay;

/// <summary>Snapshots as directories of an overlayfs mount: each holds only what it changed.</summary>
public sealed class OverlaySnapshotter : ISnapshotter
{
    private readonly SnapshotFolders _folders;
    private readonly Func<OverlayLayout, Fd> _mount;

    private OverlaySnapshotter(SnapshotFolders folders, Func<OverlayLayout, Fd> mount)
    {
        _folders = folders;
        _mount = mount;
        BackingFileSystem = FileSystemStatus.Of(folders.Layers).Name;
    }

    /// <summary>Opens the snapshots in <paramref name="root"/>.</summary>
    /// <param name="root">Their folder.</param>
    /// <param name="bootId">The ID of this boot of the machine.</param>
    /// <param name="report">Told what fails in the background.</param>
    /// <exception cref="GantryException">Overlayfs does not work there; another process has them open.</exception>
    public static OverlaySnapshotter Open(string root, string bootId, Action<Exception> report) => Open(root, bootId, report, mount: null);

    /// <param name="root">Their folder.</param>
    /// <param name="bootId">The ID of this boot of the machine.</param>
    /// <param name="report">Told what fails in the background.</param>
    /// <param name="mount">The way to mount; null: the one that works.</param>
    internal static OverlaySnapshotter Open(string root, string bootId, Action<Exception> report, Func<OverlayLayout, Fd>? mount)
    {
        var folders = SnapshotFolders.Open(root, bootId, report);
        try
        {
            return new OverlaySnapshotter(folders, mount ?? OverlayProbe.FindMounter(root));
        }
        catch
        {
            folders.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name => "overlay";

    /// <inheritdoc/>
    public string BackingFileSystem { get; }

    /// <inheritdoc/>
    public void Prepare(string key, string? parent, bool forLayer = false) => _folders.Prepare(key, parent, forLayer, MakeFiles);

    /// <inheritdoc/>
    public void Restore(string key, string? parent) => _folders.Restore(key, parent, manyFiles: false, MakeFiles);

    /// <inheritdoc/>
    public LayerTarget OpenTarget(string key)
    {
        var snapshot = _folders.GetWritable(key);
        var lower = snapshot.Parent is null ? null : OpenView(snapshot.Parent);
        return new LayerTarget(_folders.OpenFiles(snapshot), lower, WhiteoutForm.Overlay);
    }

    /// <inheritdoc/>
    public bool Commit(string name, string key) => _folders.Commit(name, key);

    /// <inheritdoc/>
    public bool Remove(string key) => _folders.Remove(key);

    /// <inheritdoc/>
    public bool Exists(string key) => _folders.IsComplete(key);

    /// <inheritdoc/>
    public SnapshotInformation? Find(string key) => _folders.Find(key);

    /// <inheritdoc/>
    public IReadOnlyList<SnapshotInformation> List() => _folders.List();

    /// <inheritdoc/>
    public Fd OpenMount(string key, bool readOnly)
    {
        if (readOnly)
            return OpenView(key);
        var ancestors = Ancestors(key);
        _folders.Make(_folders.GetWritable(key));
        if (ancestors.Count == 0)
            return DetachedMount.Clone(_folders.Writable, SnapshotFolders.FilesPath(key));
        var folder = $"{_folders.Writable.ProcPath}/{Encoding.ASCII.GetString(SnapshotKey.ToFolder(key))}";
        var upper = Encoding.ASCII.GetBytes($"{folder}/fs");
        var work = Encoding.ASCII.GetBytes($"{folder}/work");
        // Made late: a container that is never started does without.
        if (FileNodes.TryMakeDirectory(null, work, 0x1c0 /* 0700 */) is var error && error != default && error != Errno.EEXIST)
            throw new OsException($"make {_folders.Root}/writable/{key}/work", error);
        return _mount(new OverlayLayout(LowerPaths(ancestors), upper, work));
    }

    /// <inheritdoc/>
    public IReadOnlyList<PathChange> ListChanges(string key, MountPlaceholders? placeholders = null)
    {
        var changes = new ChangeList(placeholders);
        WithUpper(key, (upper, lower) => UpperWalker.Walk(upper, lower, changes.Add));
        return changes.ToList();
    }

    /// <inheritdoc/>
    public void WriteDiff(
        string key, Stream output, MountPlaceholders? placeholders = null, FileTime? newest = null, LateContents? late = null,
        CancellationToken cancellation = default)
        => WithUpper(key, (upper, lower) => LayerDiffer.WriteUpper(upper, lower, output, placeholders, newest, late, cancellation));

    /// <inheritdoc/>
    public SnapshotUsage MeasureUsage(string key)
    {
        var usage = new TreeUsage();
        var snapshot = _folders.Get(key);
        if (!_folders.IsMade(key))
            return default;
        using var files = _folders.OpenFiles(snapshot);
        TreeComparer.Walk(files, null, usage.Add);
        return usage.ToUsage();
    }

    /// <inheritdoc/>
    public long MeasureDiskSpace(string key) => _folders.MeasureDiskSpace(key);

    /// <inheritdoc/>
    public IReadOnlyList<SnapshotProblem> Check() => _folders.Check();

    /// <inheritdoc/>
    public void Discard(SnapshotProblem problem) => _folders.Discard(problem);

    /// <inheritdoc/>
    public Task FlushAsync() => _folders.FlushAsync();

    /// <inheritdoc/>
    public void Dispose() => _folders.Dispose();

    // The root of the merged tree has the upper directory's attributes: they are taken from the layer below.
    private void MakeFiles(byte[] folder, SnapshotInformation? parent)
    {
        byte[] files = [.. folder, (byte)'/', .. SnapshotFolders.FilesName];
        FileNodes.MakeDirectory(_folders.Writable, files, 0x1ed /* 0755 */);
        var permissions = 0x1edu;
        if (parent is not null)
        {
            var below = FileStatusReader.Read(_folders.Layers, SnapshotFolders.FilesPath(parent.Key));
            permissions = below.Permissions;
            if (below.UserId != 0 || below.GroupId != 0)
                Check(FileMetadata.TrySetOwner(_folders.Writable, files, below.UserId, below.GroupId));
        }
        Check(FileMetadata.TrySetPermissions(_folders.Writable, files, permissions));

        static void Check(Errno error)
        {
            if (error != default)
                throw new OsException("set the attributes of a snapshot's root", error);
        }
    }

    // For reading, a snapshot's own directory is one more layer on top: nothing needs to be written, synced or kept for work.
    private Fd OpenView(string key)
    {
        var snapshot = _folders.Get(key);
        var ancestors = Ancestors(key);
        _folders.Make(snapshot);
        if (ancestors.Count == 0)
            return BindReadOnly(snapshot);
        var folder = snapshot.Writable ? _folders.Writable : _folders.Layers;
        return _mount(new OverlayLayout([FilesPath(folder, key), .. LowerPaths(ancestors)], null, null));
    }

    private Fd BindReadOnly(SnapshotInformation snapshot)
    {
        var mount = DetachedMount.Clone(snapshot.Writable ? _folders.Writable : _folders.Layers, SnapshotFolders.FilesPath(snapshot.Key));
        DetachedMount.SetAttributes(mount, MountAttributes.ReadOnly);
        return mount;
    }

    private List<string> Ancestors(string key)
    {
        var ancestors = _folders.Ancestors(key);
        return ancestors.Count < OverlayLayout.MaxLower
            ? ancestors
            : throw GantryException.Invalid($"snapshot {key} has {ancestors.Count} layers; overlayfs takes less than {OverlayLayout.MaxLower}");
    }

    private List<byte[]> LowerPaths(List<string> keys) => keys.ConvertAll(key => FilesPath(_folders.Layers, key));

    // Through /proc/self/fd a path is short however deep the root lies: fsconfig(2) takes 255 bytes.
    private static byte[] FilesPath(Fd folder, string key) => [.. Encoding.ASCII.GetBytes(folder.ProcPath), (byte)'/', .. SnapshotFolders.FilesPath(key)];

    private void WithUpper(string key, Action<Fd, Fd?> use)
    {
        var snapshot = _folders.Get(key);
        using var upper = _folders.OpenFiles(snapshot);
        using var view = snapshot.Parent is null ? null : OpenView(snapshot.Parent);
        // The mount's own descriptor is a mere reference; listing needs one that is open for reading.
        using var lower = view is null ? null : FileOpener.Open(view, "."u8, OpenFlags.Directory);
        use(upper, lower);
    }
}
