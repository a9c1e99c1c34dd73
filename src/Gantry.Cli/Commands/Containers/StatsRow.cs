using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands.Containers;

/// <summary>A row of <c>stats</c>: a container and its last reading; null before the first, and once it cannot be read any more.</summary>
/// <param name="Container">The container as the user named it.</param>
/// <param name="Reading">What it uses.</param>
internal sealed record StatsRow(string Container, ContainerStatsResponse? Reading)
{
    public const string DefaultTable = "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

    private const string None = "--";

    /// <summary>The columns by docker's names.</summary>
    /// <param name="truncate">Whether IDs are cut.</param>
    public static IReadOnlyList<Column<StatsRow>> Columns(bool truncate) =>
    [
        new("Container", "CONTAINER", static row => row.Container),
        new("Name", "NAME", static row => row.Reading is { Name.Length: > 1 } reading ? reading.Name[1..] : None),
        new("ID", "CONTAINER ID", row => row.Reading is not { Id.Length: > 0 } reading ? None : truncate ? HumanText.ShortId(reading.Id) : reading.Id),
        new("CPUPerc", "CPU %", static row => row.Reading is { } reading ? Percent(CpuShare(reading)) : None),
        new("MemUsage", "MEM USAGE / LIMIT", static row => row.Reading is { } reading
            ? $"{HumanText.BinarySize(MemoryInUse(reading.Memory))} / {HumanText.BinarySize(reading.Memory.Limit)}" : "-- / --"),
        new("MemPerc", "MEM %", static row => row.Reading is { } reading ? Percent(MemoryShare(reading.Memory)) : None),
        new("NetIO", "NET I/O", static row => row.Reading is { } reading ? Pair(Network(reading)) : None),
        new("BlockIO", "BLOCK I/O", static row => row.Reading is { } reading ? Pair(Blocks(reading)) : None),
        new("PIDs", "PIDS", static row => row.Reading is { } reading ? reading.Pids.Current.ToString(CultureInfo.InvariantCulture) : None),
    ];

    /// <summary>Processor time as a share of one processor's, in percent: two busy processors are 200.</summary>
    public static double CpuShare(ContainerStatsResponse reading)
    {
        var own = (double)reading.Cpu.Usage.Total - reading.CpuBefore.Usage.Total;
        var machine = (double)reading.Cpu.SystemUsage - reading.CpuBefore.SystemUsage;
        double processors = reading.Cpu.OnlineCpus > 0 ? reading.Cpu.OnlineCpus : reading.Cpu.Usage.PerCpu?.Count ?? 0;
        return own > 0 && machine > 0 ? own / machine * processors * 100 : 0;
    }

    /// <summary>Memory without the page cache that can be given back at once, as docker counts it.</summary>
    public static ulong MemoryInUse(MemoryStats memory)
    {
        // cgroup v1 counts descendants under total_*, v2 always.
        foreach (var name in (ReadOnlySpan<string>)["total_inactive_file", "inactive_file"])
            if (memory.Stats?.TryGetValue(name, out var cache) == true)
                return cache < memory.Usage ? memory.Usage - cache : memory.Usage;
        return memory.Usage;
    }

    private static double MemoryShare(MemoryStats memory) => memory.Limit > 0 ? (double)MemoryInUse(memory) / memory.Limit * 100 : 0;

    private static (double In, double Out) Network(ContainerStatsResponse reading)
    {
        double received = 0, sent = 0;
        foreach (var counters in reading.Networks?.Values ?? [])
            (received, sent) = (received + counters.ReceivedBytes, sent + counters.SentBytes);
        return (received, sent);
    }

    private static (double Read, double Written) Blocks(ContainerStatsResponse reading)
    {
        double read = 0, written = 0;
        foreach (var entry in reading.Blkio.ServiceBytes ?? [])
        {
            if (entry.Operation.StartsWith("r", StringComparison.OrdinalIgnoreCase))
                read += entry.Value;
            else if (entry.Operation.StartsWith("w", StringComparison.OrdinalIgnoreCase))
                written += entry.Value;
        }
        return (read, written);
    }

    private static string Percent(double share) => share.ToString("F2", CultureInfo.InvariantCulture) + "%";

    private static string Pair((double First, double Second) sizes) => $"{HumanText.Size(sizes.First, 3)} / {HumanText.Size(sizes.Second, 3)}";
}
