using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Volumes;

/// <summary>
/// Fills empty volumes. While it does, a mark stands beside the data: a volume that a crash left half filled is emptied at the next start, or when it is
/// mounted next, and so filled anew.
/// </summary>
/// <param name="copyTree">Copies the content and attributes of one directory to another, empty one.</param>
internal sealed class VolumeFiller(Action<Fd, Fd> copyTree)
{
    private const string MarkName = "filling";
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Fills a volume, unless something is in it already.</summary>
    /// <exception cref="OsException">The kernel refused; the volume is empty again.</exception>
    internal bool Fill(Volume volume, Fd source, Fd folder, bool sync)
    {
        // Two first containers at once: the second finds it filled.
        _gate.Wait();
        try
        {
            using var target = FileOpener.Open(folder, "."u8, OpenFlags.ReadOnly | OpenFlags.Directory);
            if (FileSystemStatus.Of(target).IsReadOnly || DirectoryReader.Read(target).Count > 0)
                return false;
            using var mark = new Mark(volume, target, sync);
            copyTree(source, target);
            mark.Filled();
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Fills a volume that has to be empty.</summary>
    /// <exception cref="GantryException">It is not (Conflict).</exception>
    internal async Task FillAsync(Volume volume, Fd target, Func<Task> fill)
    {
        await _gate.WaitAsync();
        try
        {
            if (DirectoryReader.Read(target).Count > 0)
                throw GantryException.Conflict($"volume {volume.Name} is not empty: choose a new one, or remove what is in it first");
            using var mark = new Mark(volume, target, sync: true);
            await fill();
            mark.Filled();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The mark of a volume that is being filled. A volume that was not filled to the end is emptied.</summary>
    private sealed class Mark : IDisposable
    {
        private readonly string _path;
        private readonly Fd _target;
        private readonly bool _sync;
        private bool _filled;

        public Mark(Volume volume, Fd target, bool sync)
        {
            (_path, _target, _sync) = (MarkOf(volume), target, sync);
            AtomicFile.Write(_path, [], sync);
        }

        public void Filled()
        {
            if (_sync)
                FileSynchronization.SynchronizeFileSystem(_target);
            _filled = true;
        }

        public void Dispose()
        {
            if (!_filled)
                Empty(_target);
            File.Delete(_path);
        }
    }

    internal static void UndoInterrupted(Volume volume)
    {
        var mark = MarkOf(volume);
        if (!File.Exists(mark))
            return;
        using (var target = FileOpener.TryOpen(null, KernelPath.FromText(volume.Mountpoint), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _))
        {
            if (target is not null && !FileSystemStatus.Of(target).IsReadOnly)
                Empty(target);
        }
        File.Delete(mark);
    }

    /// <summary>The folder of the image; null when it has none.</summary>
    /// <exception cref="GantryException">It has something else there.</exception>
    internal static Fd? OpenSource(Fd imageRoot, string path)
    {
        var relative = path.Trim('/');
        var source = FileOpener.TryOpenWithin(
            imageRoot, KernelPath.FromText(relative.Length == 0 ? "." : relative), OpenFlags.ReadOnly | OpenFlags.Directory,
            ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out var error);
        if (source is not null || error == Errno.ENOENT || error == Errno.ELOOP)
            return source;
        throw error == Errno.ENOTDIR
            ? GantryException.Invalid($"source {path} is not directory")
            : new OsException($"open {path} of the image", error);
    }

    private static string MarkOf(Volume volume) => Path.Combine(Path.GetDirectoryName(volume.Mountpoint)!, MarkName);

    private static void Empty(Fd directory)
    {
        foreach (var entry in DirectoryReader.Read(directory))
            DirectoryTree.Remove(directory, entry.Name);
    }
}
