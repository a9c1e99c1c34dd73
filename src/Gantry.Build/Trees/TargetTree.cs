using System.Text;
using Gantry.Build.Graph;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Build.Trees;

/// <summary>The writable files of a step. Every path is resolved inside them, whatever links there are.</summary>
/// <param name="root">The mounted root.</param>
/// <param name="late">Takes large files; null: they are copied at once.</param>
internal sealed class TargetTree(Fd root, LateContents? late = null)
{
    private readonly Dictionary<FileOwner, (uint, uint)> _owners = [];

    public Fd Root => root;

    public LateContents? Late => late;

    /// <summary>The numbers of an owner; root for none.</summary>
    public (uint User, uint Group) NumbersOf(FileOwner? owner)
    {
        if (owner is null)
            return (0, 0);
        if (!_owners.TryGetValue(owner, out var numbers))
            _owners[owner] = numbers = new OwnerLookup(root).Find(owner);
        return numbers;
    }

    /// <summary>Comes before something is removed that may be a file whose content is still to come.</summary>
    public void BeforeRemoving(Fd folder, ReadOnlySpan<byte> name)
    {
        if (late is { IsEmpty: false } && FileStatusReader.TryRead(folder, name, out _) is not null)
            late.Settle();
    }

    /// <summary>Whether a folder is at a path, following links.</summary>
    public bool IsFolder(string path)
    {
        using var folder = TryOpenFolder(path, out _);
        return folder is not null;
    }

    /// <summary>Opens a folder; it and those above it are made when they are missing.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">The permissions of those that are made.</param>
    /// <param name="owner">Their owner.</param>
    /// <param name="time">Their time; null: now.</param>
    /// <returns>The folder, and whether it was made.</returns>
    /// <exception cref="GantryException">Something else is in the way.</exception>
    public (Fd Folder, bool Made) EnsureFolder(string path, uint mode, (uint User, uint Group) owner, FileTime? time = null)
    {
        if (TryOpenFolder(path, out var error) is { } folder)
            return (folder, false);
        if (error != Errno.ENOENT)
            throw GantryException.Invalid($"cannot make the folder /{path}: {(error == Errno.ENOTDIR ? "a part of its path is no folder" : error.ToString())}");
        var slash = path.LastIndexOf('/');
        var name = Encoding.UTF8.GetBytes(path[(slash + 1)..]);
        var (parent, _) = EnsureFolder(slash < 0 ? "" : path[..slash], mode, owner, time);
        using (parent)
        {
            FileNodes.MakeDirectory(parent, name, 0x1c0 /* 0700 */);
            var made = FileOpener.Open(parent, name, OpenFlags.Directory | OpenFlags.NoFollow);
            Check(FileMetadata.TrySetOwner(made, [], owner.User, owner.Group), "set the owner of", path);
            Check(FileMetadata.TrySetPermissions(made, mode), "set the permissions of", path);
            SetTime(made, time, path);
            return (made, true);
        }
    }

    /// <summary>Opens the folder that something is to come into.</summary>
    /// <exception cref="GantryException">It is not there.</exception>
    public Fd OpenFolder(string path) => TryOpenFolder(path, out var error) ?? throw GantryException.NotFound(
        $"failed to stat /{path}: {(error == Errno.ENOENT ? "no such file or directory" : error.ToString())}");

    /// <summary>Removes what is at a path, unless it is a folder.</summary>
    public void RemoveUnlessFolder(string path)
    {
        if (path.Length == 0 || IsFolder(path))
            return;
        var slash = path.LastIndexOf('/');
        using var parent = TryOpenFolder(slash < 0 ? "" : path[..slash], out _);
        var name = Encoding.UTF8.GetBytes(path[(slash + 1)..]);
        if (parent is null || FileStatusReader.TryRead(parent, name, out _) is null)
            return;
        late?.Settle();
        Check(FileNodes.TryUnlink(parent, name), "replace", path);
    }

    public static void SetTime(Fd file, FileTime? time, string path)
    {
        if (time is { } value)
            Check(FileMetadata.TrySetTimes(file, value, value), "set the times of", path);
    }

    public static void Check(Errno error, string verb, string path)
    {
        if (error != default)
            throw new OsException($"{verb} /{path}", error);
    }

    private Fd? TryOpenFolder(string path, out Errno error) =>
        FileOpener.TryOpenWithin(root, path.Length == 0 ? "."u8 : Encoding.UTF8.GetBytes(path), OpenFlags.Directory, ResolveFlags.InRoot, 0, out error);
}
