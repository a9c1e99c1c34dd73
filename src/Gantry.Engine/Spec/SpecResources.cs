using Gantry.Api.Model;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Engine.Spec;

/// <summary>A container's limits as the OCI runtime specification names them.</summary>
internal static class SpecResources
{
    private const ulong DefaultCpuPeriod = 100_000; // microseconds
    private const long NanoCpu = 1_000_000_000;

    /// <param name="host">The container's limits.</param>
    /// <param name="devices">Which devices may be used.</param>
    public static LinuxResources Build(HostConfig host, IReadOnlyList<DeviceRule> devices) => new()
    {
        Devices = devices,
        Memory = Memory(host),
        Cpu = Cpu(host),
        Pids = host.PidsLimit is { } pids and not 0 ? new PidsResources(pids < 0 ? -1 : pids) : null,
        BlockIO = BlockIo(host),
    };

    private static MemoryResources? Memory(HostConfig host)
    {
        if (host.Memory is 0 && host.MemoryReservation is 0 && host.MemorySwap is 0
            && host.KernelMemoryTCP is 0 && host.MemorySwappiness is null or -1 && host.OomKillDisable is not true)
            return null;
        return new MemoryResources
        {
            Limit = NonZero(host.Memory),
            Reservation = NonZero(host.MemoryReservation),
            // As much swap again as memory, unless said otherwise.
            Swap = host.MemorySwap is 0 && host.Memory > 0 ? host.Memory * 2 : NonZero(host.MemorySwap),
            KernelTcp = NonZero(host.KernelMemoryTCP),
            Swappiness = host.MemorySwappiness is >= 0 ? (ulong)host.MemorySwappiness.Value : null,
            DisableOomKiller = host.OomKillDisable is true ? true : null,
        };
    }

    private static CpuResources? Cpu(HostConfig host)
    {
        var quota = NonZero(host.CpuQuota);
        var period = host.CpuPeriod is 0 ? null : (ulong?)host.CpuPeriod;
        if (host.NanoCpus > 0)
        {
            period = DefaultCpuPeriod;
            quota = (long)(host.NanoCpus * (decimal)DefaultCpuPeriod / NanoCpu);
        }

        var result = new CpuResources
        {
            Shares = host.CpuShares is 0 ? null : (ulong)host.CpuShares,
            Quota = quota,
            Period = period,
            RealtimePeriod = host.CpuRealtimePeriod is 0 ? null : (ulong)host.CpuRealtimePeriod,
            RealtimeRuntime = NonZero(host.CpuRealtimeRuntime),
            Cpus = string.IsNullOrEmpty(host.CpusetCpus) ? null : host.CpusetCpus,
            Mems = string.IsNullOrEmpty(host.CpusetMems) ? null : host.CpusetMems,
        };
        return result == new CpuResources() ? null : result;
    }

    private static BlockIoResources? BlockIo(HostConfig host)
    {
        var result = new BlockIoResources
        {
            Weight = host.BlkioWeight is 0 ? null : (ushort)host.BlkioWeight,
            WeightDevice = Map(host.BlkioWeightDevice, d => Device(d.Path!, (major, minor) => new BlockIoWeightDevice(major, minor, (ushort)d.Weight))),
            ThrottleReadBpsDevice = Throttles(host.BlkioDeviceReadBps),
            ThrottleWriteBpsDevice = Throttles(host.BlkioDeviceWriteBps),
            ThrottleReadIOPSDevice = Throttles(host.BlkioDeviceReadIOps),
            ThrottleWriteIOPSDevice = Throttles(host.BlkioDeviceWriteIOps),
        };
        return result == new BlockIoResources() ? null : result;
    }

    private static IReadOnlyList<BlockIoThrottleDevice>? Throttles(IReadOnlyList<ThrottleDevice>? devices) =>
        Map(devices, d => Device(d.Path!, (major, minor) => new BlockIoThrottleDevice(major, minor, d.Rate)));

    private static IReadOnlyList<TTo>? Map<TFrom, TTo>(IReadOnlyList<TFrom>? from, Func<TFrom, TTo> map) =>
        from is { Count: > 0 } ? [.. from.Select(map)] : null;

    private static T Device<T>(string path, Func<long, long, T> make)
    {
        var device = HostDevice.Read(path) ?? throw GantryException.Invalid($"block I/O limit for {path}: it is not a device");
        return make(device.Major, device.Minor);
    }

    private static long? NonZero(long value) => value is 0 ? null : value;
}
