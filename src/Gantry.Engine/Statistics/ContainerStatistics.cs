using System.Runtime.CompilerServices;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Information;
using Gantry.Oci;
using Gantry.Runtime.Cgroups;

namespace Gantry.Engine.Statistics;

/// <summary>
/// Tells what containers use: <c>docker stats</c>. Nothing is measured, and no thread or timer exists, but while somebody asks. The processor time of
/// a reading is told with that of the one before, as the share that clients show is the ratio of two differences.
/// </summary>
public sealed class ContainerStatistics
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;

    internal ContainerStatistics(TimeProvider clock) => _clock = clock;

    /// <summary>One reading, at once: without the processor time before.</summary>
    public ContainerStatsResponse ReadOnce(Container container) => Read(container, before: null);

    /// <summary>One reading, a second after another that it is compared with.</summary>
    public async Task<ContainerStatsResponse> ReadAsync(Container container, CancellationToken cancellation)
    {
        var first = Read(container, before: null);
        if (!container.State.IsRunning)
            return first;
        await Task.Delay(s_pause, _clock, cancellation);
        return Read(container, first);
    }

    /// <summary>A reading each second until the container is removed; of one that does not run they are empty.</summary>
    public async IAsyncEnumerable<ContainerStatsResponse> FollowAsync(Container container, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ContainerStatsResponse? last = null;
        while (!container.Signals.Removed.IsCompleted)
        {
            last = Read(container, last);
            yield return last;
            await Task.WhenAny(Task.Delay(s_pause, _clock, cancellation), container.Signals.Removed);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private ContainerStatsResponse Read(Container container, ContainerStatsResponse? before)
    {
        var result = new ContainerStatsResponse { Name = "/" + container.Name, Id = container.Id };
        if (container.Run is not { } run)
            return result;
        try
        {
            Fill(result, container, run.Cgroup.ReadStatistics());
        }
        catch (GantryException e) when (e.Kind is ErrorKind.NotFound)
        {
            return result; // It ended in this moment.
        }
        if (before is { } earlier && earlier.Read != default)
            (result.CpuBefore, result.ReadBefore) = (earlier.Cpu, earlier.Read);
        return result;
    }

    private void Fill(ContainerStatsResponse result, Container container, CgroupStatistics used)
    {
        var processors = HostProcessors.Read();
        result.Read = _clock.GetUtcNow();
        result.Cpu = ToCpu(used.Cpu, processors);
        result.Memory = ToMemory(used.Memory);
        result.Blkio = ToBlkio(used.BlockIo);
        result.Pids = new PidsStats { Current = used.Pids?.Current ?? 0, Limit = used.Pids?.Limit ?? 0 };
        // The host's interfaces are not the container's, and without a network there are none.
        if (container.HostConfig.NetworkMode is not ("host" or "none"))
            result.Networks = InterfaceCounters.Read(container.State.Pid);
    }

    private static CpuStats ToCpu(CpuStatistics? cpu, HostProcessors processors) => new()
    {
        Usage = new CpuUsage
        {
            Total = cpu?.TotalUsage ?? 0,
            PerCpu = cpu?.PerProcessor,
            Kernel = cpu?.KernelUsage ?? 0,
            User = cpu?.UserUsage ?? 0,
        },
        SystemUsage = processors.Spent,
        OnlineCpus = processors.Online,
        Throttling = new ThrottlingData
        {
            Periods = cpu?.Periods ?? 0,
            ThrottledPeriods = cpu?.ThrottledPeriods ?? 0,
            ThrottledTime = cpu?.ThrottledTime ?? 0,
        },
    };

    private static MemoryStats ToMemory(MemoryStatistics? memory)
    {
        if (memory is null)
            return new MemoryStats();
        var machine = (ulong)SystemInformation.MemoryTotal();
        return new MemoryStats
        {
            Usage = memory.Usage,
            // Version 2 is told by its absence, as docker does.
            MaxUsage = memory.FailureCount is null ? 0 : memory.MaxUsage ?? 0,
            FailCount = memory.FailureCount ?? 0,
            Stats = memory.Details,
            Limit = Math.Min(memory.Limit ?? machine, machine),
        };
    }

    private static BlkioStats ToBlkio(BlockIoStatistics? blocks) => new()
    {
        ServiceBytes = ToEntries(blocks?.ServiceBytes),
        Serviced = ToEntries(blocks?.Serviced),
        Queued = [],
        ServiceTime = [],
        WaitTime = [],
        Merged = [],
        Time = [],
        Sectors = [],
    };

    private static IReadOnlyList<BlkioStatEntry> ToEntries(IReadOnlyList<BlockIoEntry>? entries) =>
        [.. (entries ?? []).Select(entry => new BlkioStatEntry { Major = entry.Major, Minor = entry.Minor, Operation = entry.Operation, Value = entry.Value })];
}
