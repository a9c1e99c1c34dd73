using System.Globalization;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Cgroups;

/// <summary>Limits on block devices, version 1 (Documentation/admin-guide/cgroup-v1/blkio-controller.rst).</summary>
internal static class LegacyBlockIoLimits
{
    internal static void Apply(ControllerFolders folders, BlockIoResources resources)
    {
        if (resources.Weight is { } weight and > 0)
        {
            var file = WeightFile(folders, "blkio.weight", "blkio.bfq.weight");
            folders.NeedFile("blkio", file, "the block I/O weight").Write(file, weight);
        }
        if (resources.LeafWeight is { } leafWeight and > 0)
            folders.NeedFile("blkio", "blkio.leaf_weight", "the block I/O leaf weight").Write("blkio.leaf_weight", leafWeight);
        foreach (var device in resources.WeightDevice ?? [])
            ApplyWeight(folders, device);
        ApplyThrottle(folders, "blkio.throttle.read_bps_device", resources.ThrottleReadBpsDevice);
        ApplyThrottle(folders, "blkio.throttle.write_bps_device", resources.ThrottleWriteBpsDevice);
        ApplyThrottle(folders, "blkio.throttle.read_iops_device", resources.ThrottleReadIOPSDevice);
        ApplyThrottle(folders, "blkio.throttle.write_iops_device", resources.ThrottleWriteIOPSDevice);
    }

    private static void ApplyWeight(ControllerFolders folders, BlockIoWeightDevice device)
    {
        if (device.Weight is { } weight)
        {
            var file = WeightFile(folders, "blkio.weight_device", "blkio.bfq.weight_device");
            folders.NeedFile("blkio", file, "the block I/O weight of a device").Write(file, $"{device.Major}:{device.Minor} {weight}");
        }
        if (device.LeafWeight is { } leafWeight)
            folders.NeedFile("blkio", "blkio.leaf_weight_device", "the block I/O leaf weight of a device")
                .Write("blkio.leaf_weight_device", $"{device.Major}:{device.Minor} {leafWeight}");
    }

    private static void ApplyThrottle(ControllerFolders folders, string file, IReadOnlyList<BlockIoThrottleDevice>? devices)
    {
        foreach (var device in devices ?? [])
            folders.NeedFile("blkio", file, "a rate of block I/O")
                .Write(file, string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor} {device.Rate}"));
    }

    // Weights were CFQ's until Linux 5.0 and are BFQ's since, under another name.
    private static string WeightFile(ControllerFolders folders, string old, string current) =>
        folders.Find("blkio")?.Exists(current) == true ? current : old;
}
