using System.Text;
using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Layers;
using Gantry.Storage.Trees;

namespace Gantry.Build.Trees;

/// <summary>Copies files of a tree into the root of a step: COPY and the local part of ADD.</summary>
internal sealed class TreeTransfer(
    IFileTree source, TargetTree target, CopyAction copy, FileTime? newest, FileStore store, CancellationToken cancellation)
{
    private readonly CopyPatterns _patterns = new(copy);
    private readonly Dictionary<ulong, (Fd Folder, byte[] Name)> _copied = [];
    private (uint User, uint Group)? _owner;

    /// <exception cref="GantryException">A source is missing, or the destination is no place for it.</exception>
    public void Run()
    {
        _owner = copy.Owner is null ? null : target.NumbersOf(copy.Owner);
        if (copy.NeedsFolder)
            target.OpenFolder(FileSet.ParentOf(TreePaths.Clean(copy.Destination))).Dispose();
        try
        {
            foreach (var (pattern, written, resolved) in TreePaths.Select(source, copy))
                CopyOne(pattern, written, resolved);
        }
        finally
        {
            foreach (var (folder, _) in _copied.Values)
                folder.Dispose();
        }
    }

    private void CopyOne(string pattern, string written, string path)
    {
        var entry = source.Find(path)!.Value;
        var destination = TreePaths.Clean(copy.Destination);
        var isFolderPath = copy.Destination.EndsWith('/') || copy.Destination.EndsWith("/.", StringComparison.Ordinal) || destination.Length == 0;
        if (copy.Parents)
            destination = TreePaths.Clean($"{destination}/{Below(pattern, written, entry.IsDirectory)}");
        if (copy.Unpack && entry.Kind == FileKind.Regular && ArchiveTransfer.IsArchive(source, path))
        {
            UnpackArchive(path, destination);
        }
        else if (entry.IsDirectory)
        {
            if (copy.KeepsFolder && (isFolderPath || target.IsFolder(destination)))
                destination = TreePaths.Clean($"{destination}/{written[(written.LastIndexOf('/') + 1)..]}");
            CopyRootFolder(path, entry, destination);
        }
        else
        {
            var name = written[(written.LastIndexOf('/') + 1)..];
            if (copy.Parents || isFolderPath || target.IsFolder(destination))
                destination = TreePaths.Clean($"{destination}/{name}");
            using var parent = new Place(EnsureFolder(FileSet.ParentOf(destination)));
            CopyFile(path, entry, parent, destination[(destination.LastIndexOf('/') + 1)..]);
        }
    }

    private void UnpackArchive(string path, string destination)
    {
        target.Late?.Settle();
        if (_owner is null && copy.Mode is null)
        {
            using var folder = EnsureFolder(destination);
            ArchiveTransfer.Unpack(source, path, folder, cancellation);
            return;
        }
        using var unpacked = new FileSetTree(ArchiveTransfer.Read(source, path, store, cancellation), store);
        var content = copy with { Sources = ["/"], Destination = $"/{destination}/", Unpack = false, Parents = false };
        new TreeTransfer(unpacked, target, content, newest, store, cancellation).Run();
    }

    /// <summary>With <c>--parents</c>: the folders of the source that go along; those before <c>/./</c> do not.</summary>
    private static string Below(string pattern, string written, bool isDirectory)
    {
        var pivot = pattern.IndexOf("/./", StringComparison.Ordinal) is var at and >= 0 ? TreePaths.Clean(pattern[..at]) : "";
        var below = pivot.Length == 0 ? written : written[Math.Min(written.Length, pivot.Length + 1)..];
        return isDirectory ? below : FileSet.ParentOf(below);
    }

    private Fd EnsureFolder(string path) => target.EnsureFolder(path, FolderMode, _owner ?? (0, 0), copy.Time).Folder;

    /// <summary>
    /// The permissions of folders that are made on the way to the destination: those of <c>--chmod</c>, also if it is meant for a file, as BuildKit has it.
    /// </summary>
    private uint FolderMode => copy.Mode is null ? 0x1ed /* 0755 */ : ModeText.Apply(copy.Mode, 0x1ed, isDirectory: true);

    /// <summary>
    /// The content of a folder goes into the destination, which has nothing else of it: neither owner nor permissions. But one that is made as the copy of
    /// the folder itself has all of it.
    /// </summary>
    private void CopyRootFolder(string path, TreeEntry entry, string destination)
    {
        if (copy.Replaces)
            target.RemoveUnlessFolder(destination);
        var (folder, made) = target.EnsureFolder(destination, FolderMode, _owner ?? (0, 0), copy.Time);
        using var place = new Place(folder);
        CopyContent(path, "", place);
        if (made && copy.KeepsFolder && path.Length > 0)
            SetAttributes(path, entry, folder);
        else if (made)
            TargetTree.SetTime(folder, copy.Time, path);
        else if (copy.Mode is not null && path.Length > 0)
            TargetTree.Check(FileMetadata.TrySetPermissions(folder, Permissions(entry)), "set the permissions of", path);
    }

    private void CopyContent(string path, string below, Place folder)
    {
        foreach (var name in source.List(path))
        {
            cancellation.ThrowIfCancellationRequested();
            var child = path.Length == 0 ? name : $"{path}/{name}";
            var childBelow = below.Length == 0 ? name : $"{below}/{name}";
            var entry = source.Find(child) ?? throw GantryException.Conflict($"/{child} was removed while it was copied");
            var isTaken = _patterns.Take(childBelow);
            if (entry.IsDirectory && (isTaken || _patterns.MayTakeBelow(childBelow)))
                CopyFolder(child, childBelow, entry, folder, name, isTaken);
            else if (isTaken)
                CopyFile(child, entry, folder, name);
        }
    }

    /// <summary>A folder that is only on the way to what is taken is made with the first of that.</summary>
    private void CopyFolder(string path, string below, TreeEntry entry, Place parent, string name, bool isTaken)
    {
        using var place = new Place(() => MakeFolder(path, parent.Folder, Encoding.UTF8.GetBytes(name)));
        if (isTaken)
            _ = place.Folder;
        CopyContent(path, below, place);
        if (place.IsOpen)
            SetAttributes(path, entry, place.Folder);
    }

    private Fd MakeFolder(string path, Fd parent, byte[] name)
    {
        var error = FileNodes.TryMakeDirectory(parent, name, 0x1c0 /* 0700 */);
        if (error != default && error != Errno.EEXIST)
            throw new OsException($"make directory /{path}", error);
        if (FileOpener.TryOpen(parent, name, OpenFlags.Directory | OpenFlags.NoFollow, 0, out error) is { } opened)
            return opened;
        if (!copy.Replaces)
            throw GantryException.Invalid($"cannot copy to non-directory: /{path}: {error}");
        target.BeforeRemoving(parent, name);
        TargetTree.Check(FileNodes.TryUnlink(parent, name), "replace", path);
        FileNodes.MakeDirectory(parent, name, 0x1c0 /* 0700 */);
        return FileOpener.Open(parent, name, OpenFlags.Directory | OpenFlags.NoFollow);
    }

    private void CopyFile(string path, TreeEntry entry, Place place, string name)
    {
        var (parent, bytes) = (place.Folder, Encoding.UTF8.GetBytes(name));
        // Most are in nobody's way: for those that is one system call less.
        if (entry is { Kind: FileKind.Regular, Inode: 0 } && TryMake(parent, bytes) is { } made)
        {
            Fill(path, entry, place, made);
            return;
        }
        target.BeforeRemoving(parent, bytes);
        var error = FileNodes.TryUnlink(parent, bytes);
        if (error == Errno.EISDIR && copy.Replaces)
        {
            DirectoryTree.Remove(parent, bytes);
            error = default;
        }
        if (error == Errno.EISDIR || error == Errno.EPERM)
            throw GantryException.Invalid($"cannot replace to directory {name} with file");
        if (error != default && error != Errno.ENOENT)
            throw new OsException($"replace {name}", error);
        // Several names of one file stay that, within one copy.
        if (entry.Inode != 0 && _copied.TryGetValue(entry.Inode, out var first) && FileNodes.TryLink(first.Folder, first.Name, parent, bytes) == default)
            return;
        if (entry.Inode != 0 && !_copied.ContainsKey(entry.Inode))
            _copied[entry.Inode] = (parent.Duplicate(), bytes);
        switch (entry.Kind)
        {
            case FileKind.Regular:
                Fill(path, entry, place, TryMake(parent, bytes) ?? throw new OsException($"replace {name}", Errno.EEXIST));
                break;
            case FileKind.SymbolicLink:
                FileNodes.MakeSymbolicLink(Encoding.UTF8.GetBytes(entry.LinkText), parent, bytes);
                TargetTree.Check(FileMetadata.TrySetOwner(parent, bytes, Owner(entry).User, Owner(entry).Group), "set the owner of", path);
                TargetTree.Check(FileMetadata.TrySetTimes(parent, bytes, Time(entry), Time(entry)), "set the times of", path);
                break;
            case FileKind.Socket:
                break;
            default:
                TargetTree.Check(FileNodes.TryMakeNode(parent, bytes, entry.Kind, entry.Permissions, entry.Device), "make", path);
                TargetTree.Check(FileMetadata.TrySetOwner(parent, bytes, Owner(entry).User, Owner(entry).Group), "set the owner of", path);
                TargetTree.Check(FileMetadata.TrySetPermissions(parent, bytes, Permissions(entry)), "set the permissions of", path);
                TargetTree.Check(FileMetadata.TrySetTimes(parent, bytes, Time(entry), Time(entry)), "set the times of", path);
                break;
        }
    }

    /// <summary>Makes a file; null: something is in its place.</summary>
    private static Fd? TryMake(Fd parent, byte[] name) =>
        FileOpener.TryOpen(parent, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180 /* 0600 */, out var error)
        ?? (error == Errno.EEXIST ? null : throw new OsException($"make {KernelPath.ToText(name)}", error));

    /// <summary>Gives a new file its content and attributes, and closes it.</summary>
    private void Fill(string path, TreeEntry entry, Place place, Fd file)
    {
        var content = source.Open(path);
        // Writing takes capabilities away: files that have some get their content first.
        if (target.Late is { } late && entry.Size >= LateContents.Smallest && source.AttributesOf(path).Count == 0)
        {
            SetAttributes(path, entry, file, isNobodysElse: !place.InheritsGroup);
            late.Add(content, file, entry.Size, Time(entry));
            return;
        }
        using (content)
        using (file)
        {
            TreeCopier.CopyData(content, file, entry.Size);
            SetAttributes(path, entry, file, isNobodysElse: !place.InheritsGroup);
        }
    }

    /// <param name="path">Where it comes from.</param>
    /// <param name="entry">What it was there.</param>
    /// <param name="file">The copy.</param>
    /// <param name="isNobodysElse">Whether it is known to belong to root.</param>
    private void SetAttributes(string path, TreeEntry entry, Fd file, bool isNobodysElse = false)
    {
        // The owner first: changing it clears set-user-ID bits and capabilities.
        if (!isNobodysElse || Owner(entry) != (0, 0))
            TargetTree.Check(FileMetadata.TrySetOwner(file, [], Owner(entry).User, Owner(entry).Group), "set the owner of", path);
        TargetTree.Check(FileMetadata.TrySetPermissions(file, Permissions(entry)), "set the permissions of", path);
        foreach (var (name, value) in source.AttributesOf(path))
            TargetTree.Check(ExtendedAttributes.TrySet(file, name, value), $"set the attribute {KernelPath.ToText(name)} of", path);
        TargetTree.Check(FileMetadata.TrySetTimes(file, Time(entry), Time(entry)), "set the times of", path);
    }

    private (uint User, uint Group) Owner(TreeEntry entry) => _owner ?? (entry.UserId, entry.GroupId);

    private uint Permissions(TreeEntry entry) => copy.Mode is null ? entry.Permissions : ModeText.Apply(copy.Mode, entry.Permissions, entry.IsDirectory);

    private FileTime Time(TreeEntry entry) =>
        copy.Time is { } given ? given : newest is { } limit && entry.Modified.Seconds > limit.Seconds ? limit : entry.Modified;

    /// <summary>A folder that files are made in.</summary>
    private sealed class Place(Func<Fd> open) : IDisposable
    {
        private const uint SetGroupId = 0x400;
        private Fd? _folder;
        private bool? _inheritsGroup;

        public Place(Fd folder)
            : this(() => folder) => _folder = folder;

        /// <summary>The folder; it is made when it is asked for.</summary>
        public Fd Folder => _folder ??= open();

        public bool IsOpen => _folder is not null;

        /// <summary>Whether what is made in it belongs to its group (its set-group-ID bit).</summary>
        public bool InheritsGroup => _inheritsGroup ??= (FileStatusReader.Read(Folder).Permissions & SetGroupId) != 0;

        public void Dispose() => _folder?.Dispose();
    }
}
