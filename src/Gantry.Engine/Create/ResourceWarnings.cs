using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Images;
using Gantry.Oci.Images;
using Gantry.Runtime.Cgroups;

namespace Gantry.Engine.Create;

/// <summary>What a user should know about a container just created: limits that this host's kernel cannot enforce, a foreign platform.</summary>
/// <param name="host">The host's cgroups.</param>
internal sealed class ResourceWarnings(CgroupHost host)
{
    /// <summary>Whether the host has the unified hierarchy only.</summary>
    public bool CgroupsAreVersion2 => host.Layout == CgroupLayout.Unified;

    public IReadOnlyList<string> For(Container container, Image image, HostConfig asked)
    {
        var warnings = new List<string>();
        var limits = container.HostConfig;
        if (limits.MemorySwap != 0 && !host.Capabilities.SwapLimit)
            warnings.Add("Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.");
        if (limits.Memory != 0 && !host.Capabilities.MemoryLimit)
            warnings.Add("Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.");
        if (limits is { OomKillDisable: true, Memory: 0 })
            warnings.Add("OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.");
        if (limits.BlkioWeight != 0 && !host.Capabilities.BlockIoWeight)
            warnings.Add("Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.");
        if (limits.BlkioWeightDevice is { Count: > 0 } && !host.Capabilities.BlockIoWeightDevice)
            warnings.Add("Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.");
        if (asked.CpuPercent != 0)
            warnings.Add("linux does not support CPU percent. Percent discarded.");
        if (Platform.Host.Fit(image.Config.Platform) < 0)
        {
            warnings.Add(
                $"The requested image's platform ({image.Config.Platform}) does not match the detected host platform ({Platform.Host}) and no specific platform was requested");
        }

        if (limits.NetworkMode == "host" && (limits.PublishAllPorts || limits.PortBindings is { Count: > 0 }))
            warnings.Add("Published ports are discarded when using host network mode");
        return warnings;
    }
}
