using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Trees;

/// <summary>Walks over what one whole tree changed relative to another, in the order of the names' bytes. Without another: over everything.</summary>
internal sealed class TreeComparer(Action<TreeChange> visit, bool byContent, CancellationToken cancellation)
{
    internal const int MaxDepth = 1024;

    /// <param name="tree">The tree.</param>
    /// <param name="before">The other; null: none.</param>
    /// <param name="visit">Gets each change.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="byContent">Whether files that look alike are read: a tree that is a changed copy of the other tells by sizes and times.</param>
    /// <exception cref="OsException">The kernel refused, or the tree is deeper than 1024 levels.</exception>
    internal static void Walk(Fd tree, Fd? before, Action<TreeChange> visit, CancellationToken cancellation = default, bool byContent = false)
    {
        var comparer = new TreeComparer(visit, byContent, cancellation);
        var status = FileStatusReader.Read(tree);
        var kind = before is null ? PathChangeKind.Added : PathChangeKind.Modified;
        // The root's time says nothing, as in UpperWalker.
        var isSame = before is not null && FileStatusReader.Read(before) is var old
            && FileComparison.IsSame(tree, "."u8, status with { Modified = old.Modified }, before, "."u8, old);
        var root = new Ancestor(null, new TreeChange([], tree, "."u8.ToArray(), kind, status, IsImplicit: isSame));
        if (!isSame)
            comparer.Announce(root);
        comparer.WalkDirectory(tree, before, root, 0);
    }

    private void WalkDirectory(Fd tree, Fd? before, Ancestor directory, int depth)
    {
        if (depth > MaxDepth)
            throw new OsException($"walk a tree of more than {MaxDepth} levels", Errno.ELOOP);
        var now = DirectoryReader.Read(tree);
        var old = before is null ? [] : DirectoryReader.Read(before);
        int i = 0, j = 0;
        while (i < now.Count || j < old.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            var order = i == now.Count ? 1 : j == old.Count ? -1 : now[i].Name.AsSpan().SequenceCompareTo(old[j].Name);
            if (order > 0)
                Visit(directory, new TreeChange(TreeChange.Join(directory.Change.Path, old[j].Name), tree, old[j].Name, PathChangeKind.Deleted, null));
            else
                WalkEntry(tree, order == 0 ? before : null, now[i].Name, directory, depth);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
    }

    private void WalkEntry(Fd tree, Fd? before, byte[] name, Ancestor directory, int depth)
    {
        if (FileStatusReader.TryRead(tree, name, out var error) is not { } status)
        {
            // A running container may delete what was listed a moment ago.
            if (error == Errno.ENOENT)
                return;
            throw new OsException($"stat {KernelPath.ToText(name)}", error);
        }
        FileStatus? old = before is null ? null : FileStatusReader.Read(before, name);
        var isSame = old is not null && FileComparison.IsSame(tree, name, status, before!, name, old.Value)
            && (!byContent || !status.IsRegular || FileComparison.HasSameContent(tree, before!, name));
        var kind = old is null ? PathChangeKind.Added : PathChangeKind.Modified;
        var change = new TreeChange(TreeChange.Join(directory.Change.Path, name), tree, name, kind, status, IsImplicit: isSame);
        if (!isSame)
            Visit(directory, change);
        if (!status.IsDirectory)
            return;
        using var current = FileOpener.Open(tree, name, OpenFlags.Directory | OpenFlags.NoFollow);
        using var previous = old is { IsDirectory: true } ? FileOpener.Open(before, name, OpenFlags.Directory | OpenFlags.NoFollow) : null;
        WalkDirectory(current, previous, new Ancestor(directory, change) { IsAnnounced = !isSame }, depth + 1);
    }

    // An archive has directories before what is in them, whether they changed or not.
    private void Visit(Ancestor directory, TreeChange change)
    {
        Announce(directory);
        visit(change);
    }

    private void Announce(Ancestor directory)
    {
        if (directory.IsAnnounced)
            return;
        if (directory.Parent is not null)
            Announce(directory.Parent);
        directory.IsAnnounced = true;
        visit(directory.Change);
    }

    private sealed class Ancestor(Ancestor? parent, TreeChange change)
    {
        internal Ancestor? Parent => parent;

        internal TreeChange Change => change;

        internal bool IsAnnounced { get; set; }
    }
}
