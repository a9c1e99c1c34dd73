namespace Gantry.Os.Files;

/// <summary>
/// Whole trees of files whose names and depth nobody vouches for (they come from images and containers): names are bytes, symbolic links
/// are never followed, other mounts are never entered, and the depth costs neither stack nor descriptors.
/// </summary>
public static class DirectoryTree
{
    // Deeper directories are handled later, from the top: each level holds a descriptor and a stack frame.
    private const int MaxDepth = 64;

    /// <summary>Removes <paramref name="path"/> and all below it; nothing happens when it does not exist.</summary>
    /// <param name="path">A file, link or directory.</param>
    /// <exception cref="OsException">Something could not be removed, e.g. EBUSY for a mount point, EPERM for an immutable file.</exception>
    public static void Remove(string path)
    {
        var name = KernelPath.FromText(Path.GetFileName(path.TrimEnd('/')));
        using var parent = FileOpener.TryOpen(null, KernelPath.FromText(Path.GetDirectoryName(path.TrimEnd('/')) ?? "."),
            OpenFlags.ReadOnly | OpenFlags.Directory, 0, out var error);
        if (parent is null && error == Errno.ENOENT)
            return;
        if (parent is null)
            throw new OsException($"open the folder of {path}", error);
        Remove(parent, name);
    }

    /// <inheritdoc cref="Remove(string)"/>
    /// <param name="parent">The directory that holds the name.</param>
    /// <param name="name">The name, without slashes.</param>
    public static void Remove(Fd parent, ReadOnlySpan<byte> name)
    {
        if (FileNodes.TryUnlink(parent, name) is var error && error != Errno.EISDIR && error != Errno.EPERM)
        {
            if (error.Value != 0 && error != Errno.ENOENT)
                throw new OsException($"remove {KernelPath.ToText(name)}", error);
            return;
        }
        using (var top = OpenDirectory(parent, name))
        {
            var moved = 0;
            do
            {
                // Each round empties what the round before had moved up to the top.
                moved = 0;
                Empty(top, top, 0, ref moved);
            }
            while (moved > 0);
        }
        Check(FileNodes.TryRemoveDirectory(parent, name), name);
    }

    /// <summary>The space that a tree occupies in bytes, as du(1) counts it, each file with several names counted once; 0 when it does not exist.</summary>
    /// <param name="path">The tree's root.</param>
    /// <param name="withRoot">Whether the directory at the root counts, too.</param>
    /// <exception cref="OsException">A directory cannot be read.</exception>
    public static long Usage(string path, bool withRoot = false)
    {
        var seen = new HashSet<(DeviceNumber, ulong)>();
        var pending = new Stack<byte[]>();
        long blocks = 0;
        using var root = FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out var error);
        if (root is null)
            return error == Errno.ENOENT ? 0 : throw new OsException($"open {path}", error);
        if (withRoot)
            blocks += FileStatusReader.Read(root).Blocks;
        pending.Push([]);
        while (pending.TryPop(out var relative))
        {
            using var directory = relative.Length == 0
                ? root.Duplicate()
                : FileOpener.TryOpenWithin(root, relative, OpenFlags.ReadOnly | OpenFlags.Directory,
                    ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoCrossMounts, 0, out _);
            // Gone meanwhile, another mount, or deeper than a path can say.
            if (directory is null)
                continue;
            foreach (var entry in DirectoryReader.Read(directory))
            {
                if (FileStatusReader.TryRead(directory, entry.Name, out _) is not { } status)
                    continue;
                if (status.IsDirectory || status.LinkCount <= 1 || seen.Add((status.Device, status.Inode)))
                    blocks += status.Blocks;
                if (status.IsDirectory && relative.Length + entry.Name.Length + 1 <= KernelPath.MaxLength)
                    pending.Push(relative.Length == 0 ? entry.Name : [.. relative, (byte)'/', .. entry.Name]);
            }
        }
        return blocks * 512;
    }

    private static void Empty(Fd top, Fd directory, int depth, ref int moved)
    {
        foreach (var entry in DirectoryReader.Read(directory))
        {
            if (entry.Kind is not (FileKind.Directory or FileKind.Unknown))
            {
                Check(FileNodes.TryUnlink(directory, entry.Name), entry.Name);
                continue;
            }
            if (entry.Kind == FileKind.Unknown && FileNodes.TryUnlink(directory, entry.Name).Value == 0)
                continue;
            if (depth >= MaxDepth)
            {
                FileNodes.Rename(directory, entry.Name, top, KernelPath.FromText($".deep-{Guid.NewGuid():N}"));
                moved++;
                continue;
            }
            using (var below = OpenDirectory(directory, entry.Name))
                Empty(top, below, depth + 1, ref moved);
            Check(FileNodes.TryRemoveDirectory(directory, entry.Name), entry.Name);
        }
    }

    private static Fd OpenDirectory(Fd parent, ReadOnlySpan<byte> name) =>
        FileOpener.OpenWithin(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow,
            ResolveFlags.Beneath | ResolveFlags.NoSymlinks | ResolveFlags.NoCrossMounts);

    private static void Check(Errno error, ReadOnlySpan<byte> name)
    {
        if (error.Value != 0 && error != Errno.ENOENT)
            throw new OsException($"remove {KernelPath.ToText(name)}", error);
    }
}
