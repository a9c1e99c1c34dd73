using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Trees;

/// <summary>Walks over the upper directory of an overlay: overlayfs has done the comparison already.</summary>
internal sealed class UpperWalker(Action<TreeChange> visit, CancellationToken cancellation)
{
    /// <exception cref="OsException">The kernel refused, or the tree is too deep.</exception>
    internal static void Walk(Fd upper, Fd? lower, Action<TreeChange> visit, CancellationToken cancellation = default)
    {
        var status = FileStatusReader.Read(upper);
        // Not for its time: whether that is another one than below depends on how fast the step was that made the layer.
        if (lower is null || !HasSameAccess(status, FileStatusReader.Read(lower)))
            visit(new TreeChange([], upper, "."u8.ToArray(), PathChangeKind.Modified, status));
        new UpperWalker(visit, cancellation).WalkDirectory(upper, lower, [], 0);
    }

    private void WalkDirectory(Fd upper, Fd? lower, byte[] path, int depth)
    {
        if (depth > TreeComparer.MaxDepth)
            throw new OsException($"walk a tree of more than {TreeComparer.MaxDepth} levels", Errno.ELOOP);
        foreach (var entry in DirectoryReader.Read(upper))
        {
            cancellation.ThrowIfCancellationRequested();
            if (FileStatusReader.TryRead(upper, entry.Name, out _) is not { } status)
                continue;
            FileStatus? below = lower is null ? null : FileStatusReader.TryRead(lower, entry.Name, out _);
            WalkEntry(upper, lower, entry.Name, TreeChange.Join(path, entry.Name), status, below, depth);
        }
    }

    private void WalkEntry(Fd upper, Fd? lower, byte[] name, byte[] path, in FileStatus status, in FileStatus? below, int depth)
    {
        if (OverlayMarks.IsWhiteout(status))
        {
            // One over nothing is left of a file that came and went.
            if (below is not null)
                visit(new TreeChange(path, upper, name, PathChangeKind.Deleted, null));
            return;
        }
        var kind = below is null ? PathChangeKind.Added : PathChangeKind.Modified;
        if (OverlayMarks.IsElsewhere(upper, name, status))
            throw new OsException($"read {KernelPath.ToText(path)}, which overlayfs moved without copying it (redirect_dir or metacopy)", Errno.EOPNOTSUPP);
        if (!status.IsDirectory)
        {
            visit(new TreeChange(path, upper, name, kind, status));
            return;
        }
        using var directory = FileOpener.Open(upper, name, OpenFlags.Directory | OpenFlags.NoFollow);
        using var lowerDirectory = below is { IsDirectory: true }
            ? FileOpener.Open(lower, name, OpenFlags.Directory | OpenFlags.NoFollow)
            : null;
        var isOpaque = lowerDirectory is not null && OverlayMarks.IsOpaque(directory);
        var isImplicit = !isOpaque && below is { IsDirectory: true } old && IsSameDirectory(status, old);
        visit(new TreeChange(path, upper, name, kind, status, isImplicit, isOpaque));
        WalkDirectory(directory, isOpaque ? null : lowerDirectory, path, depth + 1);
    }

    // Copied up only because something in it changed.
    private static bool IsSameDirectory(in FileStatus status, in FileStatus old)
        => HasSameAccess(status, old) && status.Modified == old.Modified;

    private static bool HasSameAccess(in FileStatus status, in FileStatus old)
        => status.Permissions == old.Permissions && status.UserId == old.UserId && status.GroupId == old.GroupId;
}
