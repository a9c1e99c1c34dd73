using System.Globalization;
using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>Reads what version 1 controllers count.</summary>
internal static class LegacyStatistics
{
    /// <summary>Values of this size stand for "no limit" (PAGE_COUNTER_MAX, rounded down to pages of any size).</summary>
    private const ulong Unlimited = long.MaxValue - 0xffff;

    internal static CpuStatistics? ReadCpu(ControllerFolders folders)
    {
        if (folders.Find("cpuacct") is not { } accounting)
            return null;
        var throttling = folders.Find("cpu") is { } cpu ? CgroupText.Map(cpu, "cpu.stat") : [];
        ulong[] perProcessor =
        [
            .. (accounting.TryReadText("cpuacct.usage_percpu") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(number => ulong.Parse(number, CultureInfo.InvariantCulture)),
        ];
        return new CpuStatistics(
            CgroupText.Number(accounting, "cpuacct.usage") ?? 0,
            CgroupText.Number(accounting, "cpuacct.usage_user") ?? 0,
            CgroupText.Number(accounting, "cpuacct.usage_sys") ?? 0,
            perProcessor,
            throttling.GetValueOrDefault("nr_periods"),
            throttling.GetValueOrDefault("nr_throttled"),
            throttling.GetValueOrDefault("throttled_time"));
    }

    internal static MemoryStatistics? ReadMemory(ControllerFolders folders)
    {
        if (folders.Find("memory") is not { } folder)
            return null;
        var limit = CgroupText.Number(folder, "memory.limit_in_bytes");
        return new MemoryStatistics(
            CgroupText.Number(folder, "memory.usage_in_bytes") ?? 0,
            CgroupText.Number(folder, "memory.max_usage_in_bytes"),
            CgroupText.Number(folder, "memory.failcnt"),
            limit < Unlimited ? limit : null,
            CgroupText.Map(folder, "memory.stat"));
    }

    internal static BlockIoStatistics? ReadBlockIo(ControllerFolders folders)
    {
        if (folders.Find("blkio") is not { } folder)
            return null;
        return new BlockIoStatistics(
            ReadEntries(folder, "blkio.bfq.io_service_bytes_recursive", "blkio.throttle.io_service_bytes_recursive"),
            ReadEntries(folder, "blkio.bfq.io_serviced_recursive", "blkio.throttle.io_serviced_recursive"));
    }

    /// <summary>The first of the files that has entries: BFQ counts only the devices that it schedules.</summary>
    private static List<BlockIoEntry> ReadEntries(CgroupFolder folder, params ReadOnlySpan<string> files)
    {
        var entries = new List<BlockIoEntry>();
        foreach (var file in files)
        {
            // 253:0 Read 4096; the last line is "Total N".
            foreach (var line in (folder.TryReadText(file) ?? "").Split('\n'))
                if (line.Split(' ') is [var device, var operation, var value] && CgroupText.TryParseDevice(device, out var major, out var minor))
                    entries.Add(new BlockIoEntry(major, minor, operation, ulong.Parse(value, CultureInfo.InvariantCulture)));
            if (entries.Count > 0)
                break;
        }
        return entries;
    }
}
