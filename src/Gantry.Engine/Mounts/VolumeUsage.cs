using Gantry.Engine.Containers;
using Gantry.Engine.Events;
using Gantry.Volumes;

namespace Gantry.Engine.Mounts;

/// <summary>What is told and given back when a container begins and ends to use its volumes.</summary>
/// <param name="bus">Where events go.</param>
/// <param name="volumes">The volumes.</param>
/// <param name="mounts">What of them is mounted.</param>
/// <param name="background">Unmounts what may take long.</param>
internal sealed class VolumeUsage(EventBus bus, VolumeStore volumes, VolumeMounts mounts, BackgroundWork background)
{
    /// <summary>Tells that a container has its volumes.</summary>
    public void Began(Container container)
    {
        foreach (var mount in Of(container))
        {
            bus.Publish("volume", "mount", mount.Name!, new Dictionary<string, string>
            {
                ["container"] = container.Id,
                ["destination"] = mount.Destination,
                ["driver"] = Volume.LocalDriver,
                ["propagation"] = mount.Propagation,
                ["read/write"] = mount.ReadOnly ? "false" : "true",
            });
        }
    }

    /// <summary>Tells that a container has them no more.</summary>
    public void Ended(Container container)
    {
        foreach (var mount in Of(container))
            bus.Publish("volume", "unmount", mount.Name!, new Dictionary<string, string> { ["container"] = container.Id, ["driver"] = Volume.LocalDriver });
    }

    /// <summary>Takes over what a container uses that an earlier daemon started.</summary>
    public IReadOnlyList<VolumeUse> Adopt(Container container) => [.. Of(container).Select(mount => mounts.Adopt(mount.Name!)).OfType<VolumeUse>()];

    /// <summary>What no container uses, as all are known now.</summary>
    public void FreeUnused(Func<string, bool> exists)
    {
        mounts.UnmountUnused();
        volumes.RemoveUnsettled(exists);
    }

    /// <summary>Gives back what a container used. A server that does not answer holds up nobody.</summary>
    public void Release(Container container, IReadOnlyList<VolumeUse> uses)
    {
        if (Of(container).Any(mount => volumes.Find(mount.Name!) is { IsRemote: true }))
            background.Run("unmount volumes", () => Dispose(uses));
        else
            Dispose(uses);
    }

    private static void Dispose(IReadOnlyList<VolumeUse> uses)
    {
        foreach (var use in uses)
            use.Dispose();
    }

    private static IEnumerable<ContainerMount> Of(Container container) => container.Mounts.Where(static mount => mount is { Type: "volume", Name: not null });
}
