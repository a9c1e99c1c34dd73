using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>What a container has used up to a moment, with the processor time of the moment before: one document of <c>stats</c>.</summary>
public sealed record ContainerStatsResponse
{
    /// <summary>The container's name with a leading slash.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>The container's ID.</summary>
    [JsonPropertyName("id")]
    public string Id { get; set; } = "";

    /// <summary>When it was read; zero time: the container does not run.</summary>
    [JsonPropertyName("read")]
    public DateTimeOffset Read { get; set; }

    /// <summary>When <see cref="CpuBefore"/> was read; zero time: there is none.</summary>
    [JsonPropertyName("preread")]
    public DateTimeOffset ReadBefore { get; set; }

    /// <summary>Processes and threads.</summary>
    [JsonPropertyName("pids_stats")]
    public PidsStats Pids { get; set => field = value ?? new(); } = new();

    /// <summary>Block devices.</summary>
    [JsonPropertyName("blkio_stats")]
    public BlkioStats Blkio { get; set => field = value ?? new(); } = new();

    /// <summary>A figure of Windows; 0.</summary>
    [JsonPropertyName("num_procs")]
    public int NumProcs { get; set; }

    /// <summary>A figure of Windows; empty.</summary>
    [JsonPropertyName("storage_stats")]
    public EmptyObject Storage { get; set => field = value ?? new(); } = new();

    /// <summary>Processor time.</summary>
    [JsonPropertyName("cpu_stats")]
    public CpuStats Cpu { get; set => field = value ?? new(); } = new();

    /// <summary>Processor time at the reading before.</summary>
    [JsonPropertyName("precpu_stats")]
    public CpuStats CpuBefore { get; set => field = value ?? new(); } = new();

    /// <summary>Memory.</summary>
    [JsonPropertyName("memory_stats")]
    public MemoryStats Memory { get; set => field = value ?? new(); } = new();

    /// <summary>By interface of the container; null without a network of its own.</summary>
    [JsonPropertyName("networks")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, NetworkStats>? Networks { get; set; }
}

/// <summary>Processes and threads.</summary>
public sealed record PidsStats
{
    /// <summary>How many there are.</summary>
    [JsonPropertyName("current")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong Current { get; set; }

    /// <summary>How many there may be; 0: any number.</summary>
    [JsonPropertyName("limit")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong Limit { get; set; }
}

/// <summary>Block devices; the lists are null for a container that does not run, and those that the kernel does not fill any more empty.</summary>
public sealed record BlkioStats
{
    /// <summary>Bytes transferred.</summary>
    [JsonPropertyName("io_service_bytes_recursive")]
    public IReadOnlyList<BlkioStatEntry>? ServiceBytes { get; set; }

    /// <summary>Transfers.</summary>
    [JsonPropertyName("io_serviced_recursive")]
    public IReadOnlyList<BlkioStatEntry>? Serviced { get; set; }

    /// <summary>Requests that wait.</summary>
    [JsonPropertyName("io_queue_recursive")]
    public IReadOnlyList<BlkioStatEntry>? Queued { get; set; }

    /// <summary>Time of service.</summary>
    [JsonPropertyName("io_service_time_recursive")]
    public IReadOnlyList<BlkioStatEntry>? ServiceTime { get; set; }

    /// <summary>Time of waiting.</summary>
    [JsonPropertyName("io_wait_time_recursive")]
    public IReadOnlyList<BlkioStatEntry>? WaitTime { get; set; }

    /// <summary>Requests that were merged.</summary>
    [JsonPropertyName("io_merged_recursive")]
    public IReadOnlyList<BlkioStatEntry>? Merged { get; set; }

    /// <summary>Time of the disk.</summary>
    [JsonPropertyName("io_time_recursive")]
    public IReadOnlyList<BlkioStatEntry>? Time { get; set; }

    /// <summary>Sectors transferred.</summary>
    [JsonPropertyName("sectors_recursive")]
    public IReadOnlyList<BlkioStatEntry>? Sectors { get; set; }
}

/// <summary>One figure of a block device.</summary>
public sealed record BlkioStatEntry
{
    /// <summary>The device's major number.</summary>
    [JsonPropertyName("major")]
    public ulong Major { get; set; }

    /// <summary>The device's minor number.</summary>
    [JsonPropertyName("minor")]
    public ulong Minor { get; set; }

    /// <summary>What was done, e.g. <c>read</c>.</summary>
    [JsonPropertyName("op")]
    public string Operation { get; set; } = "";

    /// <summary>The figure.</summary>
    [JsonPropertyName("value")]
    public ulong Value { get; set; }
}

/// <summary>Processor time.</summary>
public sealed record CpuStats
{
    /// <summary>What the container used.</summary>
    [JsonPropertyName("cpu_usage")]
    public CpuUsage Usage { get; set => field = value ?? new(); } = new();

    /// <summary>What all processors of the machine spent, idle or not, in nanoseconds.</summary>
    [JsonPropertyName("system_cpu_usage")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong SystemUsage { get; set; }

    /// <summary>How many processors are on.</summary>
    [JsonPropertyName("online_cpus")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint OnlineCpus { get; set; }

    /// <summary>How the quota held it up.</summary>
    [JsonPropertyName("throttling_data")]
    public ThrottlingData Throttling { get; set => field = value ?? new(); } = new();
}

/// <summary>Processor time in nanoseconds.</summary>
public sealed record CpuUsage
{
    /// <summary>In all.</summary>
    [JsonPropertyName("total_usage")]
    public ulong Total { get; set; }

    /// <summary>By processor; null with cgroup v2, which does not count it.</summary>
    [JsonPropertyName("percpu_usage")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ulong>? PerCpu { get; set; }

    /// <summary>In the kernel.</summary>
    [JsonPropertyName("usage_in_kernelmode")]
    public ulong Kernel { get; set; }

    /// <summary>In programs.</summary>
    [JsonPropertyName("usage_in_usermode")]
    public ulong User { get; set; }
}

/// <summary>How a quota of processor time held a container up.</summary>
public sealed record ThrottlingData
{
    /// <summary>Periods that have passed.</summary>
    [JsonPropertyName("periods")]
    public ulong Periods { get; set; }

    /// <summary>Those in which the quota was used up.</summary>
    [JsonPropertyName("throttled_periods")]
    public ulong ThrottledPeriods { get; set; }

    /// <summary>Nanoseconds of waiting.</summary>
    [JsonPropertyName("throttled_time")]
    public ulong ThrottledTime { get; set; }
}

/// <summary>Memory in bytes.</summary>
public sealed record MemoryStats
{
    /// <summary>In use now, with the page cache.</summary>
    [JsonPropertyName("usage")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong Usage { get; set; }

    /// <summary>The most that was in use; 0 where it is not told.</summary>
    [JsonPropertyName("max_usage")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong MaxUsage { get; set; }

    /// <summary>The entries of the kernel's <c>memory.stat</c>.</summary>
    [JsonPropertyName("stats")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ulong>? Stats { get; set; }

    /// <summary>How often the limit was reached (cgroup v1).</summary>
    [JsonPropertyName("failcnt")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong FailCount { get; set; }

    /// <summary>The limit, or what the machine has.</summary>
    [JsonPropertyName("limit")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong Limit { get; set; }
}

/// <summary>What went through an interface.</summary>
public sealed record NetworkStats
{
    /// <summary>Bytes received.</summary>
    [JsonPropertyName("rx_bytes")]
    public ulong ReceivedBytes { get; set; }

    /// <summary>Packets received.</summary>
    [JsonPropertyName("rx_packets")]
    public ulong ReceivedPackets { get; set; }

    /// <summary>Receptions that failed.</summary>
    [JsonPropertyName("rx_errors")]
    public ulong ReceiveErrors { get; set; }

    /// <summary>Received packets that were dropped.</summary>
    [JsonPropertyName("rx_dropped")]
    public ulong ReceiveDropped { get; set; }

    /// <summary>Bytes sent.</summary>
    [JsonPropertyName("tx_bytes")]
    public ulong SentBytes { get; set; }

    /// <summary>Packets sent.</summary>
    [JsonPropertyName("tx_packets")]
    public ulong SentPackets { get; set; }

    /// <summary>Sendings that failed.</summary>
    [JsonPropertyName("tx_errors")]
    public ulong SendErrors { get; set; }

    /// <summary>Packets to be sent that were dropped.</summary>
    [JsonPropertyName("tx_dropped")]
    public ulong SendDropped { get; set; }
}
