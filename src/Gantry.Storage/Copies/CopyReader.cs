using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Copies;

/// <summary>Packs a file, or a directory with all below it and all that is mounted there, under a name of its own.</summary>
public static class CopyReader
{
    /// <summary>Writes an archive of a directory.</summary>
    /// <param name="directory">The directory; may be opened with O_PATH.</param>
    /// <param name="name">What it is called in the archive; its content follows below that name.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OsException">Something cannot be read.</exception>
    public static void WriteDirectory(Fd directory, string name, Stream output, CancellationToken cancellation)
    {
        using var readable = FileOpener.Open(directory, "."u8, OpenFlags.Directory);
        var packer = new LayerPacker(new TarWriter(output), placeholders: null, KernelPath.FromText(name));
        TreeComparer.Walk(readable, null, packer.Add, cancellation);
        packer.Finish();
    }

    /// <summary>Writes an archive of one file of whatever kind; a link is not followed.</summary>
    /// <param name="directory">Where it is.</param>
    /// <param name="file">Its name there.</param>
    /// <param name="name">What it is called in the archive.</param>
    /// <param name="output">Where to; left open.</param>
    /// <exception cref="OsException">It cannot be read.</exception>
    public static void WriteFile(Fd directory, byte[] file, string name, Stream output)
    {
        using var readable = FileOpener.Open(directory, "."u8, OpenFlags.Directory);
        var packer = new LayerPacker(new TarWriter(output), placeholders: null);
        packer.Add(new TreeChange(KernelPath.FromText(name), readable, file, PathChangeKind.Added, FileStatusReader.Read(readable, file)));
        packer.Finish();
    }
}
