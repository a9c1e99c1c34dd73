using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>Packs directories as uncompressed tar archives: the same files give the same bytes.</summary>
public static class LayerDiffer
{
    /// <summary>Writes a whole tree: <c>docker export</c>.</summary>
    /// <param name="root">The root of the tree, e.g. a mount from a snapshotter.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OsException">Something cannot be read.</exception>
    public static void WriteTree(Fd root, Stream output, CancellationToken cancellation = default)
        => WriteChanges(root, before: null, output, cancellation: cancellation);

    /// <summary>Writes a whole tree into an archive that goes on: its end is not written.</summary>
    /// <param name="root">The root of the tree.</param>
    /// <param name="archive">Where to.</param>
    /// <param name="top">The folder of the archive that it is in; null: its root.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OsException">Something cannot be read.</exception>
    public static void AppendTree(Fd root, TarWriter archive, byte[]? top, FileTime? newest, CancellationToken cancellation = default)
    {
        using var readable = Reopen(root);
        TreeComparer.Walk(readable, null, new LayerPacker(archive, placeholders: null, top, newest).Add, cancellation);
    }

    /// <summary>Writes what a whole tree changed relative to another, deletions as whiteouts.</summary>
    /// <param name="root">The root of the tree.</param>
    /// <param name="before">The root of the tree it is compared with; null: everything is new.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="placeholders">What is left out.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OsException">Something cannot be read.</exception>
    public static void WriteChanges(
        Fd root, Fd? before, Stream output, MountPlaceholders? placeholders = null, FileTime? newest = null, CancellationToken cancellation = default)
    {
        // Mounts are often handed over as O_PATH descriptors, which cannot be listed.
        using var readable = Reopen(root);
        using var readableBefore = before is null ? null : Reopen(before);
        var packer = new LayerPacker(new TarWriter(output), placeholders, newest: newest);
        TreeComparer.Walk(readable, readableBefore, packer.Add, cancellation);
        packer.Finish();
    }

    /// <summary>
    /// Writes what a whole tree has other than another which it was not made of: equal sizes and times say nothing there, so contents are compared.
    /// </summary>
    /// <param name="root">The root of the tree.</param>
    /// <param name="before">The root of the tree it is compared with; null: everything is new.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OsException">Something cannot be read.</exception>
    public static void WriteDifference(Fd root, Fd? before, Stream output, FileTime? newest = null, CancellationToken cancellation = default)
    {
        using var readable = Reopen(root);
        using var readableBefore = before is null ? null : Reopen(before);
        var packer = new LayerPacker(new TarWriter(output), placeholders: null, newest: newest);
        TreeComparer.Walk(readable, readableBefore, packer.Add, cancellation, byContent: true);
        packer.Finish();
    }

    /// <summary>Writes the changes that overlayfs keeps in an upper directory.</summary>
    /// <param name="upper">The upper directory.</param>
    /// <param name="lower">A view of the layers below; null for none.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="placeholders">What is left out.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="late">Files whose content is still elsewhere; null: there are none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OsException">Something cannot be read.</exception>
    public static void WriteUpper(
        Fd upper, Fd? lower, Stream output, MountPlaceholders? placeholders = null, FileTime? newest = null, LateContents? late = null,
        CancellationToken cancellation = default)
    {
        var packer = new LayerPacker(new TarWriter(output), placeholders, newest: newest, late: late);
        UpperWalker.Walk(upper, lower, packer.Add, cancellation);
        packer.Finish();
    }

    private static Fd Reopen(Fd directory) => FileOpener.Open(directory, "."u8, OpenFlags.Directory);
}
