using System.Text.Json.Serialization;

namespace Gantry.Oci.Runtime;

/// <summary>The limits of a container's cgroup (config-linux.md, "Control groups"). What is null is left as it is.</summary>
public sealed record LinuxResources
{
    /// <summary>Which devices may be used: rules, the last match of which counts.</summary>
    public IReadOnlyList<DeviceRule>? Devices { get; init; }

    /// <summary>Memory.</summary>
    public MemoryResources? Memory { get; init; }

    /// <summary>Processor time and placement.</summary>
    public CpuResources? Cpu { get; init; }

    /// <summary>The number of tasks.</summary>
    public PidsResources? Pids { get; init; }

    /// <summary>Block devices.</summary>
    public BlockIoResources? BlockIO { get; init; }

    /// <summary>Huge pages.</summary>
    public IReadOnlyList<HugepageLimit>? HugepageLimits { get; init; }

    /// <summary>The net_cls and net_prio controllers of cgroup v1.</summary>
    public NetworkResources? Network { get; init; }

    /// <summary>RDMA, by device.</summary>
    public IReadOnlyDictionary<string, RdmaResources>? Rdma { get; init; }

    /// <summary>Files of the cgroup v2 directory and what is written into them.</summary>
    public IReadOnlyDictionary<string, string>? Unified { get; init; }
}

/// <summary>One rule about devices.</summary>
public sealed record DeviceRule
{
    /// <summary>Whether the devices are allowed or denied.</summary>
    public bool Allow { get; init; }

    /// <summary><c>a</c> (all), <c>c</c> or <c>b</c>; null: all.</summary>
    public string? Type { get; init; }

    /// <summary>The major number; null or -1: any.</summary>
    public long? Major { get; init; }

    /// <summary>The minor number; null or -1: any.</summary>
    public long? Minor { get; init; }

    /// <summary>Of <c>r</c> (read), <c>w</c> (write) and <c>m</c> (mknod).</summary>
    public string? Access { get; init; }
}

/// <summary>Limits of memory, in bytes; -1 is unlimited.</summary>
public sealed record MemoryResources
{
    /// <summary>The hard limit.</summary>
    public long? Limit { get; init; }

    /// <summary>The soft limit.</summary>
    public long? Reservation { get; init; }

    /// <summary>The limit of memory and swap together.</summary>
    public long? Swap { get; init; }

    /// <summary>The limit of kernel memory; ignored by kernels since 5.4.</summary>
    public long? Kernel { get; init; }

    /// <summary>The limit of TCP buffers (cgroup v1).</summary>
    [JsonPropertyName("kernelTCP")]
    public long? KernelTcp { get; init; }

    /// <summary>0 to 100 (cgroup v1).</summary>
    public ulong? Swappiness { get; init; }

    /// <summary>Whether a task that exceeds the limit waits instead of being killed (cgroup v1).</summary>
    [JsonPropertyName("disableOOMKiller")]
    public bool? DisableOomKiller { get; init; }

    /// <summary>Whether children count against their parent (cgroup v1).</summary>
    public bool? UseHierarchy { get; init; }

    /// <summary>Whether a limit below the present use is refused.</summary>
    public bool? CheckBeforeUpdate { get; init; }
}

/// <summary>Limits of processor time.</summary>
public sealed record CpuResources
{
    /// <summary>The relative weight, 2 to 262144.</summary>
    public ulong? Shares { get; init; }

    /// <summary>Microseconds of processor time in a period; negative: unlimited.</summary>
    public long? Quota { get; init; }

    /// <summary>Microseconds that may be saved up.</summary>
    public ulong? Burst { get; init; }

    /// <summary>Microseconds of a period.</summary>
    public ulong? Period { get; init; }

    /// <summary>Microseconds of real-time scheduling in its period.</summary>
    public long? RealtimeRuntime { get; init; }

    /// <summary>Microseconds of the real-time period.</summary>
    public ulong? RealtimePeriod { get; init; }

    /// <summary>Processors, e.g. <c>0-3</c>.</summary>
    public string? Cpus { get; init; }

    /// <summary>Memory nodes, e.g. <c>0,1</c>.</summary>
    public string? Mems { get; init; }

    /// <summary>1: the lowest weight of all.</summary>
    public long? Idle { get; init; }
}

/// <summary>The limit of tasks.</summary>
/// <param name="Limit">How many; 0 or less: unlimited.</param>
public sealed record PidsResources(long? Limit);

/// <summary>Limits on block devices.</summary>
public sealed record BlockIoResources
{
    /// <summary>The relative weight, 10 to 1000.</summary>
    public ushort? Weight { get; init; }

    /// <summary>The weight against child cgroups (cgroup v1).</summary>
    public ushort? LeafWeight { get; init; }

    /// <summary>Weights by device.</summary>
    public IReadOnlyList<BlockIoWeightDevice>? WeightDevice { get; init; }

    /// <summary>Bytes read a second, by device.</summary>
    public IReadOnlyList<BlockIoThrottleDevice>? ThrottleReadBpsDevice { get; init; }

    /// <summary>Bytes written a second, by device.</summary>
    public IReadOnlyList<BlockIoThrottleDevice>? ThrottleWriteBpsDevice { get; init; }

    /// <summary>Reads a second, by device.</summary>
    public IReadOnlyList<BlockIoThrottleDevice>? ThrottleReadIOPSDevice { get; init; }

    /// <summary>Writes a second, by device.</summary>
    public IReadOnlyList<BlockIoThrottleDevice>? ThrottleWriteIOPSDevice { get; init; }
}

/// <summary>The weight of one block device.</summary>
/// <param name="Major">The device's major number.</param>
/// <param name="Minor">The device's minor number.</param>
/// <param name="Weight">10 to 1000.</param>
/// <param name="LeafWeight">The weight against child cgroups (cgroup v1).</param>
public sealed record BlockIoWeightDevice(long Major, long Minor, ushort? Weight = null, ushort? LeafWeight = null);

/// <summary>A rate of one block device.</summary>
/// <param name="Major">The device's major number.</param>
/// <param name="Minor">The device's minor number.</param>
/// <param name="Rate">Bytes or operations a second.</param>
public sealed record BlockIoThrottleDevice(long Major, long Minor, ulong Rate);

/// <summary>A limit of huge pages.</summary>
/// <param name="PageSize">E.g. <c>2MB</c>.</param>
/// <param name="Limit">Bytes.</param>
public sealed record HugepageLimit(string PageSize, ulong Limit);

/// <summary>The network controllers of cgroup v1.</summary>
public sealed record NetworkResources
{
    /// <summary>The class of packets (net_cls).</summary>
    [JsonPropertyName("classID")]
    public uint? ClassId { get; init; }

    /// <summary>Priorities by interface (net_prio).</summary>
    public IReadOnlyList<InterfacePriority>? Priorities { get; init; }
}

/// <summary>The priority of one network interface.</summary>
/// <param name="Name">The interface.</param>
/// <param name="Priority">Its priority.</param>
public sealed record InterfacePriority(string Name, uint Priority);

/// <summary>Limits of an RDMA device.</summary>
public sealed record RdmaResources
{
    /// <summary>Handles.</summary>
    public uint? HcaHandles { get; init; }

    /// <summary>Objects.</summary>
    public uint? HcaObjects { get; init; }
}
