using System.Globalization;
using System.Text;

namespace Gantry.Engine.Processes;

/// <summary>One process as /proc tells it (proc_pid_stat(5), proc_pid_status(5)). Times are in clock ticks, sizes in KiB.</summary>
internal sealed record ProcessEntry
{
    public required int Pid { get; init; }

    public required int ParentPid { get; init; }

    public required int ProcessGroup { get; init; }

    public required int Session { get; init; }

    public required string Name { get; init; }

    public required char State { get; init; }

    public required int Terminal { get; init; }

    public required bool IsForeground { get; init; }

    public required long CpuTicks { get; init; }

    public required long StartTicks { get; init; }

    public required int Nice { get; init; }

    public required int Threads { get; init; }

    public required long VirtualKiB { get; init; }

    public required long ResidentKiB { get; init; }

    public required uint RealUid { get; init; }

    public required uint EffectiveUid { get; init; }

    public required uint EffectiveGid { get; init; }

    public required string CommandLine { get; init; }

    /// <summary>The process; null when it has ended.</summary>
    public static ProcessEntry? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var status = File.ReadAllLines($"/proc/{pid}/status");
            return Parse(pid, stat, status, File.ReadAllBytes($"/proc/{pid}/cmdline"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ProcessEntry Parse(int pid, string stat, string[] status, byte[] commandLine)
    {
        // The name is in parentheses and may contain any character: the last closing one ends it.
        var open = stat.IndexOf('(');
        var close = stat.LastIndexOf(')');
        var name = stat[(open + 1)..close];
        var fields = stat[(close + 2)..].Split(' ');
        long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
        var uids = Line(status, "Uid:");
        var gids = Line(status, "Gid:");
        return new ProcessEntry
        {
            Pid = pid,
            Name = name,
            State = fields[0][0],
            ParentPid = (int)Field(4),
            ProcessGroup = (int)Field(5),
            Session = (int)Field(6),
            Terminal = (int)Field(7),
            IsForeground = Field(8) == Field(5),
            CpuTicks = Field(14) + Field(15),
            Nice = (int)Field(19),
            Threads = (int)Field(20),
            StartTicks = Field(22),
            VirtualKiB = Field(23) / 1024,
            ResidentKiB = Field(24) * Environment.SystemPageSize / 1024,
            RealUid = uids[0],
            EffectiveUid = uids[1],
            EffectiveGid = gids[1],
            CommandLine = commandLine.Length == 0 ? $"[{name}]" : Encoding.UTF8.GetString(commandLine).TrimEnd('\0').Replace('\0', ' '),
        };
    }

    private static uint[] Line(string[] status, string key) =>
        [.. status.First(l => l.StartsWith(key, StringComparison.Ordinal))[key.Length..].Split('\t', StringSplitOptions.RemoveEmptyEntries)
            .Select(f => uint.Parse(f, CultureInfo.InvariantCulture))];
}
