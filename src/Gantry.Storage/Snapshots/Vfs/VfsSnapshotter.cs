using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Storage.Layers;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Snapshots.Vfs;

/// <summary>Snapshots as whole copies of their parents: works on every file system and costs the space (none, where files are copied by reference).</summary>
public sealed class VfsSnapshotter : ISnapshotter
{
    private readonly SnapshotFolders _folders;

    private VfsSnapshotter(SnapshotFolders folders)
    {
        _folders = folders;
        BackingFileSystem = FileSystemStatus.Of(folders.Layers).Name;
    }

    /// <summary>Opens the snapshots in <paramref name="root"/>.</summary>
    /// <param name="root">Their folder.</param>
    /// <param name="bootId">The ID of this boot of the machine.</param>
    /// <param name="report">Told what fails in the background.</param>
    /// <exception cref="GantryException">Another process has them open.</exception>
    public static VfsSnapshotter Open(string root, string bootId, Action<Exception> report)
        => new(SnapshotFolders.Open(root, bootId, report));

    /// <inheritdoc/>
    public string Name => "vfs";

    /// <inheritdoc/>
    public string BackingFileSystem { get; }

    /// <inheritdoc/>
    public void Prepare(string key, string? parent, bool forLayer = false) => _folders.Prepare(key, parent, manyFiles: true, CopyFiles);

    /// <inheritdoc/>
    public void Restore(string key, string? parent) => _folders.Restore(key, parent, manyFiles: true, CopyFiles);

    /// <inheritdoc/>
    public LayerTarget OpenTarget(string key)
        => new(_folders.OpenFiles(_folders.GetWritable(key)), Lower: null, WhiteoutForm.Delete);

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
        var snapshot = readOnly ? _folders.Get(key) : _folders.GetWritable(key);
        using var files = _folders.OpenFiles(snapshot);
        var mount = DetachedMount.Clone(files, []);
        if (readOnly)
            DetachedMount.SetAttributes(mount, MountAttributes.ReadOnly);
        return mount;
    }

    /// <inheritdoc/>
    public IReadOnlyList<PathChange> ListChanges(string key, MountPlaceholders? placeholders = null)
    {
        var changes = new ChangeList(placeholders);
        WithTrees(key, (tree, before) => TreeComparer.Walk(tree, before, changes.Add));
        return changes.ToList();
    }

    /// <inheritdoc/>
    public void WriteDiff(
        string key, Stream output, MountPlaceholders? placeholders = null, FileTime? newest = null, LateContents? late = null,
        CancellationToken cancellation = default)
    {
        // What changed is found by comparing contents.
        late?.Settle();
        WithTrees(key, (tree, before) => LayerDiffer.WriteChanges(tree, before, output, placeholders, newest, cancellation));
    }

    /// <inheritdoc/>
    public SnapshotUsage MeasureUsage(string key)
    {
        var usage = new TreeUsage();
        _ = _folders.Get(key);
        if (!_folders.IsMade(key))
            return default;
        WithTrees(key, (tree, before) => TreeComparer.Walk(tree, before, usage.Add));
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

    // Copied under another name first: fs is there when it is whole.
    private void CopyFiles(byte[] folder, SnapshotInformation? parent)
    {
        byte[] unfinished = [.. folder, .. "/fs.new"u8];
        FileNodes.MakeDirectory(_folders.Writable, unfinished, 0x1ed /* 0755 */);
        using (var target = FileOpener.Open(_folders.Writable, unfinished, OpenFlags.Directory))
        {
            if (FileMetadata.TrySetPermissions(target, 0x1ed) is var error && error != default)
                throw new OsException("set the permissions of a snapshot's root", error);
            if (parent is not null)
            {
                using var source = _folders.OpenFiles(parent);
                TreeCopier.Copy(source, target);
            }
        }
        FileNodes.Rename(_folders.Writable, unfinished, _folders.Writable, [.. folder, (byte)'/', .. SnapshotFolders.FilesName]);
    }

    private void WithTrees(string key, Action<Fd, Fd?> use)
    {
        var snapshot = _folders.Get(key);
        var parent = snapshot.Parent is null ? null : _folders.Get(snapshot.Parent);
        using var tree = _folders.OpenFiles(snapshot);
        using var before = parent is null ? null : _folders.OpenFiles(parent);
        use(tree, before);
    }
}
