using System.Globalization;

namespace Gantry.Runtime.Cgroups;

/// <summary>Reads what version 2 counts.</summary>
internal static class UnifiedStatistics
{
    private const ulong NanosecondsOfMicrosecond = 1000;

    /// <summary>Processor time, which version 2 counts without any controller; the throttling only with cpu.</summary>
    internal static CpuStatistics? ReadCpu(CgroupFolder folder)
    {
        var entries = CgroupText.Map(folder, "cpu.stat");
        return new CpuStatistics(
            entries.GetValueOrDefault("usage_usec") * NanosecondsOfMicrosecond,
            entries.GetValueOrDefault("user_usec") * NanosecondsOfMicrosecond,
            entries.GetValueOrDefault("system_usec") * NanosecondsOfMicrosecond,
            null,
            entries.GetValueOrDefault("nr_periods"),
            entries.GetValueOrDefault("nr_throttled"),
            entries.GetValueOrDefault("throttled_usec") * NanosecondsOfMicrosecond);
    }

    internal static MemoryStatistics? ReadMemory(ControllerFolders folders)
    {
        if (folders.Find("memory") is not { } folder)
            return null;
        return new MemoryStatistics(
            CgroupText.Number(folder, "memory.current") ?? 0,
            CgroupText.Number(folder, "memory.peak"),
            null,
            CgroupText.Number(folder, "memory.max"),
            CgroupText.Map(folder, "memory.stat"));
    }

    internal static BlockIoStatistics? ReadBlockIo(ControllerFolders folders)
    {
        if (folders.Find("io") is not { } folder)
            return null;
        var bytes = new List<BlockIoEntry>();
        var transfers = new List<BlockIoEntry>();
        // 253:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0
        foreach (var line in (folder.TryReadText("io.stat") ?? "").Split('\n'))
        {
            var fields = line.Split(' ');
            if (!CgroupText.TryParseDevice(fields[0], out var major, out var minor))
                continue;
            foreach (var field in fields.AsSpan(1))
            {
                if (field.Split('=') is not [var key, var text] || !ulong.TryParse(text, CultureInfo.InvariantCulture, out var value))
                    continue;
                var (list, operation) = key switch
                {
                    "rbytes" => (bytes, "read"),
                    "wbytes" => (bytes, "write"),
                    "rios" => (transfers, "read"),
                    "wios" => (transfers, "write"),
                    _ => (null, ""),
                };
                list?.Add(new BlockIoEntry(major, minor, operation, value));
            }
        }
        return new BlockIoStatistics(bytes, transfers);
    }
}
