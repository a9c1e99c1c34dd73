using Gantry.Engine.Hooks;
using Gantry.Engine.Logs.Keeping;
using Gantry.Engine.Mounts;
using Gantry.Engine.Networks;
using Gantry.Engine.Spec;
using Gantry.Images;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Keeper;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Containers;

/// <summary>What a start takes from the layers below.</summary>
/// <param name="Paths">The engine's folders.</param>
/// <param name="Images">Where images are looked up.</param>
/// <param name="Unpacker">Makes sure that an image's layers are there.</param>
/// <param name="Snapshots">Where root filesystems come from.</param>
/// <param name="Spec">Makes the runtime configuration.</param>
/// <param name="Cgroups">Makes cgroups.</param>
/// <param name="Keeper">Clones and holds processes.</param>
/// <param name="Hooks">Runs what their devices ask for.</param>
/// <param name="Networks">Connects them.</param>
/// <param name="EtcFiles">Writes the files that are mounted into their <c>/etc</c>.</param>
/// <param name="Mounts">Opens what is mounted into them.</param>
/// <param name="Volumes">Told of the volumes they use.</param>
/// <param name="LogBudget">What logs may take that say nothing of it.</param>
/// <param name="CgroupParent">The cgroup below which containers without a parent of their own are, e.g. <c>/gantry</c>.</param>
internal sealed record ContainerStartParts(
    EnginePaths Paths, ImageStore Images, ImageUnpacker Unpacker, ISnapshotter Snapshots, SpecBuilder Spec, CgroupHost Cgroups,
    ProcessKeeper Keeper, ContainerHooks Hooks, ContainerNetworks Networks, EtcFiles EtcFiles, MountOpener Mounts, VolumeUsage Volumes, LogBudget LogBudget,
    string CgroupParent)
{
    /// <summary>Where a container's cgroup is below the roots of the hierarchies.</summary>
    public string CgroupPath(Container container)
    {
        var parent = container.HostConfig.CgroupParent is { Length: > 0 } given ? given : CgroupParent;
        return $"/{parent.Trim('/')}/{container.Id}";
    }
}
