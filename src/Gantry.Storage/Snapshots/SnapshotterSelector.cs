using Gantry.Oci;
using Gantry.Storage.Snapshots.Overlay;
using Gantry.Storage.Snapshots.Vfs;

namespace Gantry.Storage.Snapshots;

/// <summary>Finds the snapshotter that works here.</summary>
public static class SnapshotterSelector
{
    /// <summary>Overlay when the kernel and the file system under <paramref name="root"/> can do it, else vfs (copies).</summary>
    /// <param name="root">The folder for all snapshots; each kind has a folder of its own in it.</param>
    /// <param name="name"><c>overlay</c> (or docker's <c>overlay2</c>) or <c>vfs</c> to insist on one; null: the best.</param>
    /// <param name="report">Told what fails in the background (deleting, syncing), for a log; nothing depends on it.</param>
    /// <exception cref="GantryException">The one asked for does not exist, or does not work here.</exception>
    public static ISnapshotter Open(string root, string? name = null, Action<Exception>? report = null)
    {
        var bootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        report ??= static _ => { };
        switch (name)
        {
            case "overlay" or "overlay2":
                return OverlaySnapshotter.Open(Path.Combine(root, "overlay"), bootId, report);
            case "vfs":
                return VfsSnapshotter.Open(Path.Combine(root, "vfs"), bootId, report);
            case not null:
                throw GantryException.Invalid($"unknown storage driver \"{name}\": there are overlay and vfs");
        }
        try
        {
            return OverlaySnapshotter.Open(Path.Combine(root, "overlay"), bootId, report);
        }
        catch (GantryException error) when (error.Kind == ErrorKind.Unavailable)
        {
            return VfsSnapshotter.Open(Path.Combine(root, "vfs"), bootId, report);
        }
    }
}
