using Gantry.Engine.Containers;
using Gantry.Storage.Snapshots;
using Gantry.Storage.Trees;
using Gantry.Volumes;

namespace Gantry.Engine.Create;

/// <summary>Gives empty volumes what the image has at the place where they will be mounted.</summary>
internal sealed class VolumeContent(VolumeStore volumes, ISnapshotter snapshots)
{
    private readonly VolumeFiller _filler = new(TreeCopier.Copy);

    /// <summary>Fills the volumes among <paramref name="mounts"/> that are empty and may be filled.</summary>
    /// <param name="containerId">The container, whose snapshot exists.</param>
    /// <param name="mounts">Its mounts.</param>
    /// <param name="autoRemove">Whether it is removed with its end: then its own volumes need not survive a power cut.</param>
    public void Fill(string containerId, IReadOnlyList<ContainerMount> mounts, bool autoRemove)
    {
        var toFill = mounts.Where(m => m is { Type: "volume", NoCopy: false, Name: not null }).ToList();
        if (toFill.Count == 0)
            return;
        using var root = snapshots.OpenMount(containerId, readOnly: false);
        foreach (var mount in toFill)
        {
            var volume = volumes.Get(mount.Name!);
            _filler.Fill(volume, root, mount.Destination, sync: !(autoRemove && volume.IsAnonymous));
        }
    }
}
