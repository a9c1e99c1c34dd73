using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>Removes control groups with those within them (rmdir(2)).</summary>
internal static class CgroupRemover
{
    private const int Attempts = 12;

    /// <summary>
    /// Removes the group from every tree. A process that was killed keeps its group busy for a moment, so this tries again for about
    /// two seconds in all.
    /// </summary>
    /// <exception cref="OsException">It is still busy, or the kernel refused; the other trees have been seen to all the same.</exception>
    internal static void Remove(IReadOnlyList<CgroupFolder> folders)
    {
        var left = folders;
        for (var (attempt, pause) = (0, 1); ; attempt++, pause = Math.Min(pause * 2, 400))
        {
            // A process that ends leaves the trees one after the other: those that are looked at first may be busy when the last one is not.
            var failures = left.Select(folder => (Folder: folder, Error: TryRemoveTree(folder))).Where(tried => tried.Error != default).ToList();
            if (failures.Count == 0)
                return;
            var isBusy = failures.All(failure => failure.Error == Errno.EBUSY);
            if (attempt == Attempts || !isBusy)
                throw new OsException($"remove {string.Join(", ", failures.Select(failure => failure.Folder.HostPath))}",
                    failures.First(failure => isBusy || failure.Error != Errno.EBUSY).Error);
            left = [.. failures.Select(failure => failure.Folder)];
            Thread.Sleep(pause);
        }
    }

    private static Errno TryRemoveTree(CgroupFolder folder)
    {
        var error = folder.TryRemove();
        if (error == Errno.EBUSY || error == Errno.ENOTEMPTY)
        {
            foreach (var child in folder.Children())
                TryRemoveTree(child);
            error = folder.TryRemove();
        }
        return error == Errno.ENOENT ? default : error;
    }
}
