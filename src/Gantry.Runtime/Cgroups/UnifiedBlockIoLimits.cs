using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Cgroups;

/// <summary>Limits on block devices, version 2.</summary>
internal static class UnifiedBlockIoLimits
{
    internal static void Apply(ControllerFolders folders, BlockIoResources resources)
    {
        if (resources.LeafWeight is > 0)
            throw GantryException.Invalid("cgroup: cannot set a block I/O leaf weight: the io controller of cgroup v2 has none");
        if (resources.Weight is { } weight and > 0)
            ApplyWeight(folders, "", weight);
        foreach (var device in resources.WeightDevice ?? [])
        {
            if (device.LeafWeight is > 0)
                throw GantryException.Invalid("cgroup: cannot set a block I/O leaf weight: the io controller of cgroup v2 has none");
            if (device.Weight is { } deviceWeight)
                ApplyWeight(folders, $"{device.Major}:{device.Minor} ", deviceWeight);
        }
        ApplyThrottle(folders, "rbps", resources.ThrottleReadBpsDevice);
        ApplyThrottle(folders, "wbps", resources.ThrottleWriteBpsDevice);
        ApplyThrottle(folders, "riops", resources.ThrottleReadIOPSDevice);
        ApplyThrottle(folders, "wiops", resources.ThrottleWriteIOPSDevice);
    }

    /// <summary>BFQ's weights have the specification's range, 10 to 1000; io.weight, of the cost model, has 1 to 10000.</summary>
    private static void ApplyWeight(ControllerFolders folders, string device, ushort weight)
    {
        if (folders.Need("io", "the block I/O weight").Exists("io.bfq.weight"))
            folders.Need("io", "the block I/O weight").Write("io.bfq.weight", $"{device}{weight}");
        else
            folders.NeedFile("io", "io.weight", "the block I/O weight").Write("io.weight", $"{device}{1 + (weight - 10) * 9999 / 990}");
    }

    private static void ApplyThrottle(ControllerFolders folders, string key, IReadOnlyList<BlockIoThrottleDevice>? devices)
    {
        foreach (var device in devices ?? [])
        {
            var rate = device.Rate == 0 ? "max" : device.Rate.ToString(CultureInfo.InvariantCulture);
            folders.Need("io", "a rate of block I/O").Write("io.max", $"{device.Major}:{device.Minor} {key}={rate}");
        }
    }
}
