using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Trees;

/// <summary>
/// Deletes trees below a descriptor. Nothing is followed, and depth costs neither stack nor descriptors: a container can nest deeper than
/// PATH_MAX or the limit of open files.
/// </summary>
internal static class TreeDeleter
{
    /// <summary>Deletes <paramref name="name"/> in <paramref name="parent"/>, whatever it is; nothing when it does not exist.</summary>
    /// <exception cref="OsException">Something cannot be deleted (a mount point: EBUSY).</exception>
    /// <exception cref="OperationCanceledException">It was stopped half-way.</exception>
    internal static void Delete(Fd parent, ReadOnlySpan<byte> name, CancellationToken cancellation = default)
    {
        if (TryDeleteSingle(parent, name))
            return;
        var current = OpenDirectory(parent, name);
        try
        {
            var levels = new Stack<Level>();
            levels.Push(new Level(name.ToArray(), DirectoryReader.Read(current)));
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var level = levels.Peek();
                if (level.Next is { } entry)
                {
                    if (!TryDeleteSingle(current, entry))
                    {
                        current = Move(current, entry);
                        levels.Push(new Level(entry, DirectoryReader.Read(current)));
                    }
                    continue;
                }
                levels.Pop();
                if (levels.Count == 0)
                    break;
                current = Move(current, ".."u8);
                RemoveDirectory(current, level.Name);
            }
        }
        finally
        {
            current.Dispose();
        }
        RemoveDirectory(parent, name);
    }

    // True when it is gone now; false when it is a directory with content.
    private static bool TryDeleteSingle(Fd parent, ReadOnlySpan<byte> name)
    {
        var error = FileNodes.TryUnlink(parent, name);
        if (error == default || error == Errno.ENOENT)
            return true;
        if (error != Errno.EISDIR)
            throw new OsException($"delete {KernelPath.ToText(name)}", error);
        return FileNodes.TryRemoveDirectory(parent, name) == default;
    }

    private static void RemoveDirectory(Fd parent, ReadOnlySpan<byte> name)
    {
        var error = FileNodes.TryRemoveDirectory(parent, name);
        if (error != default && error != Errno.ENOENT)
            throw new OsException($"delete directory {KernelPath.ToText(name)}", error);
    }

    private static Fd Move(Fd current, ReadOnlySpan<byte> name)
    {
        var next = OpenDirectory(current, name);
        current.Dispose();
        return next;
    }

    private static Fd OpenDirectory(Fd parent, ReadOnlySpan<byte> name)
        => FileOpener.Open(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);

    private sealed class Level(byte[] name, List<DirectoryEntry> entries)
    {
        private int _next;

        internal byte[] Name => name;

        internal byte[]? Next => _next < entries.Count ? entries[_next++].Name : null;
    }
}
