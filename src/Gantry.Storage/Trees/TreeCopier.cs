using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Trees;

/// <summary>Copies trees with all that belongs to them: hard links, holes, devices, owners, permissions, attributes, times.</summary>
public sealed class TreeCopier
{
    private const int MaxDepth = 1024;
    private readonly Dictionary<ulong, byte[]> _firstNames = [];
    private readonly Fd _targetRoot;

    private TreeCopier(Fd targetRoot) => _targetRoot = targetRoot;

    /// <summary>Copies the content and the attributes of one directory to another, empty one.</summary>
    /// <exception cref="OsException">The kernel refused, or the tree is deeper than 1024 levels.</exception>
    public static void Copy(Fd source, Fd target) => new TreeCopier(target).CopyDirectory(source, target, [], 0);

    /// <summary>Copies the content of one open file to another, empty one: holes as holes, inside the kernel where it can.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void CopyData(Fd source, Fd target, long size) => DataCopier.Copy(source, target, size);

    /// <summary>Copies one file that is no directory.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static void CopyFile(Fd from, byte[] name, in FileStatus status, Fd to, byte[] toName)
    {
        if (status.IsRegular)
        {
            CopyRegular(from, name, status, to, toName);
            return;
        }
        var error = status.IsSymbolicLink
            ? FileNodes.TryMakeSymbolicLink(FileNodes.TryReadLink(from, name, out _) ?? [], to, toName)
            : FileNodes.TryMakeNode(to, toName, status.Kind, status.Permissions, status.Target);
        Check(error, "make", toName);
        AttributeCopier.CopyByName(from, name, status, to, toName);
        Check(FileMetadata.TrySetTimes(to, toName, status.Modified, status.Modified), "set times of", toName);
    }

    private void CopyDirectory(Fd source, Fd target, byte[] path, int depth)
    {
        if (depth > MaxDepth)
            throw new OsException($"copy a tree of more than {MaxDepth} levels", Errno.ELOOP);
        foreach (var entry in DirectoryReader.Read(source))
        {
            var status = FileStatusReader.Read(source, entry.Name);
            byte[] entryPath = path.Length == 0 ? entry.Name : [.. path, (byte)'/', .. entry.Name];
            if (status.IsDirectory)
                CopySubdirectory(source, target, entry.Name, entryPath, depth);
            else if (status.LinkCount > 1 && !_firstNames.TryAdd(status.Inode, entryPath))
                Check(FileNodes.TryLink(_targetRoot, _firstNames[status.Inode], target, entry.Name), "link", entryPath);
            else
                CopyFile(source, entry.Name, status, target, entry.Name);
        }
        var own = FileStatusReader.Read(source);
        AttributeCopier.Copy(source, "."u8, own, target);
        Check(FileMetadata.TrySetTimes(target, own.Modified, own.Modified), "set times of", path);
    }

    private void CopySubdirectory(Fd source, Fd target, byte[] name, byte[] path, int depth)
    {
        FileNodes.MakeDirectory(target, name, 0x1c0 /* 0700 */);
        using var from = FileOpener.Open(source, name, OpenFlags.Directory | OpenFlags.NoFollow);
        using var to = FileOpener.Open(target, name, OpenFlags.Directory | OpenFlags.NoFollow);
        CopyDirectory(from, to, path, depth + 1);
    }

    private static void CopyRegular(Fd from, byte[] name, in FileStatus status, Fd to, byte[] toName)
    {
        using var source = FileOpener.Open(from, name, OpenFlags.ReadOnly | OpenFlags.NoFollow);
        using var target = FileOpener.Open(to, toName, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180 /* 0600 */);
        DataCopier.Copy(source, target, status.Size);
        AttributeCopier.Copy(from, name, status, target);
        Check(FileMetadata.TrySetTimes(target, status.Modified, status.Modified), "set times of", toName);
    }

    private static void Check(Errno error, string verb, ReadOnlySpan<byte> name)
    {
        if (error != default)
            throw new OsException($"{verb} {KernelPath.ToText(name)}", error);
    }
}
