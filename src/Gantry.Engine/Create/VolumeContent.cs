using Gantry.Engine.Containers;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine.Create;

/// <summary>Gives empty volumes what the image has at the place where they will be mounted.</summary>
internal sealed class VolumeContent(VolumeStore volumes, VolumeMounts mounts, ISnapshotter snapshots)
{
    /// <summary>Fills the volumes among <paramref name="planned"/> that are empty and may be filled.</summary>
    /// <param name="containerId">The container, whose snapshot exists.</param>
    /// <param name="planned">Its mounts.</param>
    /// <param name="autoRemove">Whether it is removed with its end: then its own volumes need not survive a power cut.</param>
    /// <exception cref="Oci.GantryException">A volume cannot be mounted, or the image has a file where a volume is to be.</exception>
    public void Fill(string containerId, IReadOnlyList<ContainerMount> planned, bool autoRemove)
    {
        var toFill = planned.Where(static mount => mount is { Type: "volume", NoCopy: false, Name: not null }).ToList();
        if (toFill.Count == 0)
            return;
        using var root = snapshots.OpenMount(containerId, readOnly: false);
        foreach (var mount in toFill)
            mounts.Fill(mount.Name!, root, mount.Destination, sync: !(autoRemove && volumes.Get(mount.Name!).IsAnonymous));
    }
}
