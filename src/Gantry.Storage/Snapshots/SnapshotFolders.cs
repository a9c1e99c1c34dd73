using System.Text;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Snapshots;

/// <summary>
/// What all snapshotters have on disk, and its life cycle:
/// <code>
/// layers/KEY/     fs (the files)  parent -> ../../layers/KEY  unsynced -> boot ID, while not known to be on disk
/// writable/KEY/   fs              parent -> ../../layers/KEY  work (overlay)
/// apart/          empty; where the folder of a snapshot that will hold many files is made
/// trash/          folders being deleted
/// </code>
/// A writable snapshot has no folder before it is used for the first time: most containers that are never started never need one.
/// <c>fs</c> is made last, so a snapshot without it never came to be. The parent is a symbolic link because making one is a single step
/// that a journaling file system cannot tear, unlike a file with content.
/// </summary>
internal sealed class SnapshotFolders : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SnapshotInformation> _snapshots = [];
    private readonly Dictionary<string, int> _children = [];
    private readonly Dictionary<string, UnmadeFolder> _unmade = [];
    private readonly FileLock _ownership;
    private readonly TrashFolder _trash;
    private readonly Fd _apart;
    private readonly LayerSynchronizer _synchronizer;

    private SnapshotFolders(string root, FileLock ownership, string bootId, Action<Exception> report)
    {
        Root = root;
        _ownership = ownership;
        Layers = OpenFolder(Path.Combine(root, "layers"));
        Writable = OpenFolder(Path.Combine(root, "writable"));
        _apart = OpenFolder(Path.Combine(root, "apart"));
        InodeFlags.TrySpreadDirectories(_apart);
        _trash = new TrashFolder(OpenFolder(Path.Combine(root, "trash")), report);
        _synchronizer = new LayerSynchronizer(Layers, bootId, report);
    }

    internal static ReadOnlySpan<byte> FilesName => "fs"u8;

    internal string Root { get; }

    internal Fd Layers { get; }

    internal Fd Writable { get; }

    /// <summary>Opens the folders in <paramref name="root"/>, made when they do not exist; discards what a crash left unfinished.</summary>
    /// <exception cref="GantryException">Another process has them open.</exception>
    internal static SnapshotFolders Open(string root, string bootId, Action<Exception> report)
    {
        Directory.CreateDirectory(root);
        var ownership = FileLock.TryAcquire(Path.Combine(root, ".lock"))
            ?? throw GantryException.Conflict($"snapshots in {root} are in use by another process");
        var folders = new SnapshotFolders(root, ownership, bootId, report);
        folders.Load(folders.Layers, writable: false);
        folders.Load(folders.Writable, writable: true);
        return folders;
    }

    internal SnapshotInformation? Find(string key)
    {
        lock (_gate)
            return _snapshots.GetValueOrDefault(key);
    }

    /// <exception cref="GantryException">No such snapshot.</exception>
    internal SnapshotInformation Get(string key) => Find(key) ?? throw GantryException.NotFound($"snapshot {key} does not exist");

    /// <exception cref="GantryException">No such snapshot, or it is a layer.</exception>
    internal SnapshotInformation GetWritable(string key)
        => Get(key) is { Writable: true } snapshot ? snapshot : throw GantryException.Conflict($"snapshot {key} is a layer and cannot be written");

    internal IReadOnlyList<SnapshotInformation> List()
    {
        lock (_gate)
            return [.. _snapshots.Values.OrderBy(snapshot => snapshot.Key, StringComparer.Ordinal)];
    }

    /// <summary>The layers that a snapshot is built on, the nearest first.</summary>
    /// <exception cref="GantryException">One is missing.</exception>
    internal List<string> Ancestors(string key)
    {
        lock (_gate)
        {
            var ancestors = new List<string>();
            for (var parent = Get(key).Parent; parent is not null; parent = _snapshots[parent].Parent)
            {
                if (!_snapshots.ContainsKey(parent))
                    throw GantryException.NotFound($"layer {parent}, which snapshot {key} is built on, does not exist");
                ancestors.Add(parent);
            }
            return ancestors;
        }
    }

    internal bool IsComplete(string key)
    {
        lock (_gate)
        {
            string? current = key;
            while (current is not null)
            {
                if (!_snapshots.TryGetValue(current, out var snapshot))
                    return false;
                current = snapshot.Parent;
            }
            return true;
        }
    }

    /// <summary>Opens the files of a snapshot.</summary>
    internal Fd OpenFiles(SnapshotInformation snapshot)
    {
        Make(snapshot);
        return FileOpener.Open(Parent(snapshot.Writable), FilesPath(snapshot.Key), OpenFlags.Directory);
    }

    /// <summary>The files of a snapshot, relative to <see cref="Layers"/> or <see cref="Writable"/>.</summary>
    internal static byte[] FilesPath(string key) => [.. SnapshotKey.ToFolder(key), (byte)'/', .. FilesName];

    /// <summary>Makes a writable snapshot known, and keeps its parent. Nothing of it is on the disk before <see cref="Make"/>.</summary>
    /// <exception cref="GantryException">The key is taken or malformed; no such parent.</exception>
    internal void Prepare(string key, string? parent, bool manyFiles, Action<byte[], SnapshotInformation?> makeFiles)
    {
        lock (_gate)
        {
            if (parent is not null && (!_snapshots.TryGetValue(parent, out var below) || below.Writable))
                throw GantryException.NotFound($"layer {parent} does not exist");
            Restore(key, parent, manyFiles, makeFiles);
        }
    }

    /// <summary>As <see cref="Prepare"/>, of what an earlier process has prepared: as with those that it has used, the parent may be missing.</summary>
    /// <exception cref="GantryException">The key is taken or malformed.</exception>
    internal void Restore(string key, string? parent, bool manyFiles, Action<byte[], SnapshotInformation?> makeFiles)
    {
        var folder = SnapshotKey.ToFolder(key);
        lock (_gate)
        {
            if (!_snapshots.TryAdd(key, new SnapshotInformation(key, parent, Writable: true)))
                throw GantryException.Conflict($"snapshot {key} exists already");
            CountChild(parent, 1);
            _unmade[key] = new UnmadeFolder(folder, manyFiles, makeFiles);
        }
    }

    /// <summary>Whether a snapshot is on the disk.</summary>
    internal bool IsMade(string key)
    {
        lock (_gate)
            return !_unmade.ContainsKey(key);
    }

    /// <summary>Makes what a snapshot has on the disk, if it is not there yet: its folder, the link to its parent, then <c>fs</c>.</summary>
    /// <exception cref="OsException">That failed; nothing of it stays.</exception>
    /// <exception cref="GantryException">It was removed meanwhile, or its parent is missing.</exception>
    internal void Make(SnapshotInformation snapshot)
    {
        UnmadeFolder? unmade;
        lock (_gate)
            unmade = _unmade.GetValueOrDefault(snapshot.Key);
        if (unmade is null)
            return;
        lock (unmade)
        {
            // Somebody else was faster.
            if (IsMade(snapshot.Key))
                return;
            MakeOnDisk(snapshot, unmade);
            lock (_gate)
            {
                if (_unmade.Remove(snapshot.Key))
                    return;
            }
            _trash.Throw(Writable, unmade.Name);
            throw GantryException.NotFound($"snapshot {snapshot.Key} does not exist");
        }
    }

    private void MakeOnDisk(SnapshotInformation snapshot, UnmadeFolder unmade)
    {
        var parent = snapshot.Parent is null ? null : Get(snapshot.Parent);
        try
        {
            MakeFolder(unmade.Name, unmade.ManyFiles);
            if (snapshot.Parent is not null)
                FileNodes.MakeSymbolicLink([.. "../../layers/"u8, .. SnapshotKey.ToFolder(snapshot.Parent)], Writable, [.. unmade.Name, .. "/parent"u8]);
            unmade.MakeFiles(unmade.Name, parent);
        }
        catch (Exception e)
        {
            if (FileStatusReader.TryRead(Writable, unmade.Name, out _) is not null)
                _trash.Throw(Writable, unmade.Name);
            if (e is OsException os)
                throw new OsException($"make {Root}/writable/{snapshot.Key}", os.Errno);
            throw;
        }
    }

    /// <summary>
    /// Makes the folder of a snapshot. ext4 looks for inodes where the folder is, and passes by those that were given up in the last minutes one by one:
    /// next to a tree that was just deleted, a layer of 5,000 files takes seconds. So big ones are laid apart.
    /// </summary>
    private void MakeFolder(byte[] folder, bool apart)
    {
        const uint ownerOnly = 0x1c0;
        if (!apart)
        {
            FileNodes.MakeDirectory(Writable, folder, ownerOnly);
            return;
        }
        // What a crash left between the two steps is empty.
        if (FileNodes.TryMakeDirectory(_apart, folder, ownerOnly) is var error && error != default && error != Errno.EEXIST)
            throw new OsException($"make {Root}/apart/{SnapshotKey.FromFolder(folder)}", error);
        FileNodes.Rename(_apart, folder, Writable, folder, replace: false);
    }

    /// <summary>Turns a writable snapshot into a layer.</summary>
    /// <returns>False when the layer exists already; the snapshot is then removed.</returns>
    internal bool Commit(string name, string key)
    {
        var folder = SnapshotKey.ToFolder(key);
        var layerFolder = SnapshotKey.ToFolder(name);
        Make(GetWritable(key));
        lock (_gate)
        {
            var snapshot = GetWritable(key);
            if (_snapshots.TryGetValue(name, out var existing))
            {
                if (existing.Writable)
                    throw GantryException.Conflict($"snapshot {name} exists and is no layer");
                Remove(key);
                return false;
            }
            using (var opened = FileOpener.Open(Writable, folder, OpenFlags.Directory))
                _synchronizer.Mark(opened);
            FileNodes.Rename(Writable, folder, Layers, layerFolder, replace: false);
            _snapshots.Remove(key);
            _snapshots[name] = snapshot with { Key = name, Writable = false };
        }
        _synchronizer.Enqueue(layerFolder);
        return true;
    }

    /// <summary>Removes a snapshot that no other is built on.</summary>
    internal bool Remove(string key)
    {
        lock (_gate)
        {
            if (!_snapshots.TryGetValue(key, out var snapshot))
                return false;
            if (!snapshot.Writable && _children.GetValueOrDefault(key) > 0)
                throw GantryException.Conflict($"layer {key} cannot be removed: other snapshots are built on it");
            // One that is being made just now is thrown away by the one who makes it.
            if (!_unmade.Remove(key))
                _trash.Throw(Parent(snapshot.Writable), SnapshotKey.ToFolder(key));
            Forget(snapshot);
            return true;
        }
    }

    internal IReadOnlyList<SnapshotProblem> Check()
    {
        lock (_gate)
            return new SnapshotCheck(Layers, Writable, _snapshots, _unmade.ContainsKey).Run();
    }

    internal void Discard(SnapshotProblem problem)
    {
        if (!problem.CanDiscard)
            throw GantryException.Conflict($"snapshot {problem.Key} cannot be thrown away: it has what is nowhere else");
        lock (_gate)
        {
            var folder = SnapshotKey.ToFolder(problem.Key);
            if (FileStatusReader.TryRead(Parent(problem.Writable), folder, out _) is not null)
                _trash.Throw(Parent(problem.Writable), folder);
            // Its children keep counting: whoever unpacks it again makes it under the same name.
            if (_snapshots.TryGetValue(problem.Key, out var known) && known.Writable == problem.Writable)
                Forget(known);
        }
    }

    /// <exception cref="GantryException">No such snapshot.</exception>
    internal long MeasureDiskSpace(string key)
    {
        var folder = Path.Combine(Root, Get(key).Writable ? "writable" : "layers", Encoding.ASCII.GetString(SnapshotKey.ToFolder(key)));
        return IsMade(key) ? DirectoryTree.Usage(folder, withRoot: true) : 0;
    }

    internal async Task FlushAsync()
    {
        await _synchronizer.FlushAsync();
        await _trash.FlushAsync();
    }

    public void Dispose()
    {
        _synchronizer.Dispose();
        _trash.Dispose();
        _apart.Dispose();
        Layers.Dispose();
        Writable.Dispose();
        _ownership.Dispose();
    }

    private Fd Parent(bool writable) => writable ? Writable : Layers;

    private void Forget(SnapshotInformation snapshot)
    {
        lock (_gate)
        {
            _snapshots.Remove(snapshot.Key);
            CountChild(snapshot.Parent, -1);
        }
    }

    private void CountChild(string? parent, int change)
    {
        if (parent is not null)
            _children[parent] = _children.GetValueOrDefault(parent) + change;
    }

    private void Load(Fd parent, bool writable)
    {
        foreach (var folder in DirectoryReader.Read(parent))
        {
            var isWhole = FileStatusReader.TryRead(parent, [.. folder.Name, (byte)'/', .. FilesName], out _) is { IsDirectory: true };
            if (!isWhole || (!writable && !_synchronizer.IsIntact(folder.Name)))
            {
                _trash.Throw(parent, folder.Name);
                continue;
            }
            var link = FileNodes.TryReadLink(parent, [.. folder.Name, .. "/parent"u8], out _);
            var above = link is null ? null : SnapshotKey.FromFolder(link.AsSpan(link.AsSpan().LastIndexOf((byte)'/') + 1));
            var snapshot = new SnapshotInformation(SnapshotKey.FromFolder(folder.Name), above, writable);
            _snapshots.Add(snapshot.Key, snapshot);
            CountChild(above, 1);
            if (!writable && _synchronizer.IsMarked(folder.Name))
                _synchronizer.Enqueue(folder.Name);
        }
    }

    private static Fd OpenFolder(string path)
    {
        Directory.CreateDirectory(path);
        return FileOpener.Open(path, OpenFlags.Directory);
    }

    /// <summary>A writable snapshot that nobody has used yet.</summary>
    /// <param name="Name">The name its folder will have.</param>
    /// <param name="ManyFiles">Whether it will hold many files.</param>
    /// <param name="MakeFiles">Makes <c>fs</c>.</param>
    private sealed record UnmadeFolder(byte[] Name, bool ManyFiles, Action<byte[], SnapshotInformation?> MakeFiles);
}
