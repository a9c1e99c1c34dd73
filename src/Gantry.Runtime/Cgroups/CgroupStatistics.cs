namespace Gantry.Runtime.Cgroups;

/// <summary>What a control group has used. A part is null where the machine has no controller for it.</summary>
public sealed record CgroupStatistics
{
    /// <summary>Processor time.</summary>
    public CpuStatistics? Cpu { get; init; }

    /// <summary>Memory.</summary>
    public MemoryStatistics? Memory { get; init; }

    /// <summary>Tasks.</summary>
    public PidsStatistics? Pids { get; init; }

    /// <summary>Block devices.</summary>
    public BlockIoStatistics? BlockIo { get; init; }
}

/// <summary>Processor time, all in nanoseconds.</summary>
/// <param name="TotalUsage">In all.</param>
/// <param name="UserUsage">In programs.</param>
/// <param name="KernelUsage">In the kernel.</param>
/// <param name="PerProcessor">By processor; null with cgroup v2, which does not count it.</param>
/// <param name="Periods">Periods of the quota that have passed.</param>
/// <param name="ThrottledPeriods">Those in which the quota was used up.</param>
/// <param name="ThrottledTime">How long tasks were held up for it.</param>
public sealed record CpuStatistics(
    ulong TotalUsage, ulong UserUsage, ulong KernelUsage, IReadOnlyList<ulong>? PerProcessor, ulong Periods, ulong ThrottledPeriods, ulong ThrottledTime);

/// <summary>Memory, in bytes.</summary>
/// <param name="Usage">In use now, with the page cache.</param>
/// <param name="MaxUsage">The most that was in use; null where it is not known.</param>
/// <param name="FailureCount">How often the limit was reached (cgroup v1); null with cgroup v2.</param>
/// <param name="Limit">The limit; null: none.</param>
/// <param name="Details">The entries of <c>memory.stat</c> under the kernel's names.</param>
public sealed record MemoryStatistics(
    ulong Usage, ulong? MaxUsage, ulong? FailureCount, ulong? Limit, IReadOnlyDictionary<string, ulong> Details);

/// <summary>Tasks.</summary>
/// <param name="Current">How many there are.</param>
/// <param name="Limit">How many there may be; null: any number.</param>
public sealed record PidsStatistics(ulong Current, ulong? Limit);

/// <summary>Block devices.</summary>
/// <param name="ServiceBytes">Bytes transferred.</param>
/// <param name="Serviced">Transfers.</param>
public sealed record BlockIoStatistics(IReadOnlyList<BlockIoEntry> ServiceBytes, IReadOnlyList<BlockIoEntry> Serviced);

/// <summary>One figure of a block device.</summary>
/// <param name="Major">The device's major number.</param>
/// <param name="Minor">The device's minor number.</param>
/// <param name="Operation">What was done, as the kernel names it: <c>Read</c>, <c>Write</c>, ... of cgroup v1, <c>read</c> and <c>write</c> of v2.</param>
/// <param name="Value">Bytes or transfers.</param>
public sealed record BlockIoEntry(ulong Major, ulong Minor, string Operation, ulong Value);
