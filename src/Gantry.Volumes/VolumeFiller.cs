using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Volumes;

/// <summary>
/// Fills an empty volume with what the image has where it will be mounted, as docker does for the first container of a volume. While it does,
/// a mark stands beside the data: a volume that a crash left half filled is emptied at the next start, and so filled anew.
/// </summary>
/// <param name="copyTree">Copies the content and attributes of one directory to another, empty one.</param>
public sealed class VolumeFiller(Action<Fd, Fd> copyTree)
{
    private const string MarkName = "filling";
    private readonly Lock _gate = new();

    /// <summary>Fills a volume, unless something is in it already or the image has no folder there.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="imageRoot">The root of the image's files.</param>
    /// <param name="path">The absolute path in the container; symbolic links in it stay within the image.</param>
    /// <param name="sync">Whether the volume outlives a power cut; false for one that goes with its container.</param>
    /// <returns>Whether it was filled.</returns>
    /// <exception cref="OsException">The kernel refused; the volume is empty again.</exception>
    public bool Fill(Volume volume, Fd imageRoot, string path, bool sync)
    {
        using var source = OpenSource(imageRoot, path);
        if (source is null || volume.ReadOnly)
            return false;
        // Two first containers at once: the second finds it filled.
        lock (_gate)
        {
            using var target = FileOpener.Open(volume.Source, OpenFlags.ReadOnly | OpenFlags.Directory);
            if (DirectoryReader.Read(target).Count > 0)
                return false;
            var mark = MarkOf(volume);
            AtomicFile.Write(mark, [], sync);
            try
            {
                copyTree(source, target);
                if (sync)
                    FileSynchronization.SynchronizeFileSystem(target);
            }
            catch
            {
                Empty(target);
                throw;
            }
            finally
            {
                File.Delete(mark);
            }
            return true;
        }
    }

    internal static void UndoInterrupted(Volume volume)
    {
        var mark = MarkOf(volume);
        if (!File.Exists(mark))
            return;
        using (var target = FileOpener.TryOpen(null, KernelPath.FromText(volume.Source), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _))
        {
            if (target is not null)
                Empty(target);
        }
        File.Delete(mark);
    }

    private static string MarkOf(Volume volume) => Path.Combine(Path.GetDirectoryName(volume.Mountpoint)!, MarkName);

    private static Fd? OpenSource(Fd imageRoot, string path)
    {
        var relative = path.Trim('/');
        var source = FileOpener.TryOpenWithin(
            imageRoot, KernelPath.FromText(relative.Length == 0 ? "." : relative), OpenFlags.ReadOnly | OpenFlags.Directory,
            ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out var error);
        if (source is not null || error == Errno.ENOENT || error == Errno.ENOTDIR)
            return source;
        throw new OsException($"open {path} of the image", error);
    }

    private static void Empty(Fd directory)
    {
        foreach (var entry in DirectoryReader.Read(directory))
            DirectoryTree.Remove(directory, entry.Name);
    }
}
