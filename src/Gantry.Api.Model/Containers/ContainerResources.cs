using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Limits and devices of a container; flat inside <see cref="HostConfig"/> and in the body of an update.</summary>
public record ContainerResources
{
    /// <summary>Relative CPU weight; 0: unset (1024).</summary>
    public long CpuShares { get; set; }

    /// <summary>Memory limit, bytes; 0: none.</summary>
    public long Memory { get; set; }

    /// <summary>CPU time, billionths of a CPU; 0: no limit.</summary>
    public long NanoCpus { get; set; }

    /// <summary>The cgroup under which the container's own is made; empty: the engine's.</summary>
    public string CgroupParent { get; set; } = "";

    /// <summary>Relative block I/O weight, 10 to 1000; 0: unset.</summary>
    public int BlkioWeight { get; set; }

    /// <summary>Block I/O weight by device.</summary>
    public IReadOnlyList<WeightDevice>? BlkioWeightDevice { get; set; }

    /// <summary>Read limits by device, bytes a second.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceReadBps { get; set; }

    /// <summary>Write limits by device, bytes a second.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceWriteBps { get; set; }

    /// <summary>Read limits by device, operations a second.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceReadIOps { get; set; }

    /// <summary>Write limits by device, operations a second.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceWriteIOps { get; set; }

    /// <summary>CFS period, microseconds; 0: 100,000.</summary>
    public long CpuPeriod { get; set; }

    /// <summary>CPU time in each CFS period, microseconds; 0: no limit.</summary>
    public long CpuQuota { get; set; }

    /// <summary>Real-time period, microseconds.</summary>
    public long CpuRealtimePeriod { get; set; }

    /// <summary>Real-time CPU time in each period, microseconds.</summary>
    public long CpuRealtimeRuntime { get; set; }

    /// <summary>CPUs that may be used, such as `0-2,7`.</summary>
    public string CpusetCpus { get; set; } = "";

    /// <summary>Memory nodes that may be used.</summary>
    public string CpusetMems { get; set; } = "";

    /// <summary>Host devices that appear inside.</summary>
    public IReadOnlyList<DeviceMapping>? Devices { get; set; }

    /// <summary>Further device rules, in the syntax of cgroup v1 `devices.allow`.</summary>
    public IReadOnlyList<string>? DeviceCgroupRules { get; set; }

    /// <summary>Devices asked of drivers (GPUs, CDI).</summary>
    public IReadOnlyList<DeviceRequest>? DeviceRequests { get; set; }

    /// <summary>Limit of the buffers of TCP, bytes (cgroup v1); 0: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long KernelMemoryTCP { get; set; }

    /// <summary>Soft memory limit, bytes.</summary>
    public long MemoryReservation { get; set; }

    /// <summary>Memory and swap together, bytes; 0: twice the memory limit; -1: swap without limit.</summary>
    public long MemorySwap { get; set; }

    /// <summary>Swappiness, 0 to 100; null: the host's.</summary>
    public long? MemorySwappiness { get; set; }

    /// <summary>Whether tasks out of memory wait instead of being killed (cgroup v1).</summary>
    public bool? OomKillDisable { get; set; }

    /// <summary>Greatest number of tasks; null or at most 0: no limit.</summary>
    public long? PidsLimit { get; set; }

    /// <summary>Resource limits of the process.</summary>
    public IReadOnlyList<Ulimit>? Ulimits { get; set; }

    /// <summary>Windows only: number of CPUs.</summary>
    public long CpuCount { get; set; }

    /// <summary>Windows only: share of the CPUs, percent.</summary>
    public long CpuPercent { get; set; }

    /// <summary>Windows only: I/O operations a second.</summary>
    public long IOMaximumIOps { get; set; }

    /// <summary>Windows only: I/O bytes a second.</summary>
    public long IOMaximumBandwidth { get; set; }
}

/// <summary>A block I/O weight of one device.</summary>
public sealed record WeightDevice
{
    /// <summary>Device file on the host.</summary>
    public string Path { get; set; } = "";

    /// <summary>Weight, 10 to 1000.</summary>
    public int Weight { get; set; }
}

/// <summary>A block I/O limit of one device.</summary>
public sealed record ThrottleDevice
{
    /// <summary>Device file on the host.</summary>
    public string Path { get; set; } = "";

    /// <summary>Bytes or operations a second.</summary>
    public ulong Rate { get; set; }
}

/// <summary>A host device inside a container.</summary>
public sealed record DeviceMapping
{
    /// <summary>Device file, or a folder of them, on the host.</summary>
    public string PathOnHost { get; set; } = "";

    /// <summary>Where it appears inside.</summary>
    public string PathInContainer { get; set; } = "";

    /// <summary>Letters of r (read), w (write), m (mknod).</summary>
    public string CgroupPermissions { get; set; } = "";
}

/// <summary>Devices that a device driver shall provide.</summary>
public sealed record DeviceRequest
{
    /// <summary>The driver; empty: whichever has the capabilities.</summary>
    public string Driver { get; set; } = "";

    /// <summary>How many; -1: all.</summary>
    public int Count { get; set; }

    /// <summary>Which, by ID.</summary>
    public IReadOnlyList<string>? DeviceIDs { get; set; }

    /// <summary>Alternatives (outer list), each a list of capabilities that must all be there.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Capabilities { get; set; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; set; }
}

/// <summary>One limit of setrlimit(2).</summary>
public sealed record Ulimit
{
    /// <summary>Name without `RLIMIT_`, in lower case.</summary>
    public string Name { get; set; } = "";

    /// <summary>Hard limit; -1: none.</summary>
    public long Hard { get; set; }

    /// <summary>Soft limit; -1: none.</summary>
    public long Soft { get; set; }
}
