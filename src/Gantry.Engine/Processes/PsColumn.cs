using System.Globalization;
using Gantry.Oci;

namespace Gantry.Engine.Processes;

/// <summary>A column of ps(1): its head, and how a process fills it.</summary>
/// <param name="Title">The head.</param>
/// <param name="Value">What stands in it.</param>
internal sealed record PsColumn(string Title, Func<ProcessEntry, ProcessHost, string> Value)
{
    private const int PtyMajorFirst = 136;
    private const int PtyMajorLast = 143;

    private static readonly string[] s_full = ["user=UID", "pid", "ppid", "c", "stime", "tname=TTY", "time", "args=CMD"];

    private static readonly string[] s_byUser =
        ["user", "pid", "pcpu", "pmem", "vsz", "rss", "tname=TTY", "stat", "start_time=START", "bsdtime=TIME", "args=COMMAND"];

    /// <summary>The columns that ps(1) arguments ask for.</summary>
    /// <exception cref="GantryException">They ask for something else than is offered (InvalidArgument).</exception>
    public static IReadOnlyList<PsColumn> Parse(string arguments)
    {
        var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        List<string> names = [];
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i].TrimStart('-');
            if (word is "o" or "eo" or "ao" or "axo" && i + 1 < words.Length)
                names.AddRange(words[++i].Split(','));
            else if (words[i].StartsWith("-o", StringComparison.Ordinal) && word.Length > 1)
                names.AddRange(word[1..].Split(','));
            else if (word is "aux" or "u" or "axu")
                names.AddRange(s_byUser);
            else if (word is "ef" or "f" or "aef")
                names.AddRange(s_full);
            else if (word is not ("e" or "a" or "x" or "ax" or "A"))
                throw Refuse(words[i]);
        }

        return [.. (names.Count > 0 ? names : [.. s_full]).Select(Column)];
    }

    private static PsColumn Column(string spec)
    {
        var equals = spec.IndexOf('=');
        var name = equals < 0 ? spec : spec[..equals];
        var column = Known(name) ?? throw Refuse(name);
        return equals < 0 ? column : column with { Title = spec[(equals + 1)..] };
    }

    private static PsColumn? Known(string name) => name switch
    {
        "pid" => new("PID", (p, _) => Text(p.Pid)),
        "ppid" => new("PPID", (p, _) => Text(p.ParentPid)),
        "pgid" or "pgrp" => new("PGID", (p, _) => Text(p.ProcessGroup)),
        "sid" or "sess" => new("SID", (p, _) => Text(p.Session)),
        "uid" or "euid" => new("UID", (p, _) => Text(p.EffectiveUid)),
        "user" or "euser" or "uname" => new("USER", (p, h) => NameOf(h.Users, p.EffectiveUid)),
        "ruser" => new("RUSER", (p, h) => NameOf(h.Users, p.RealUid)),
        "gid" or "egid" => new("GID", (p, _) => Text(p.EffectiveGid)),
        "group" or "egroup" => new("GROUP", (p, h) => NameOf(h.Groups, p.EffectiveGid)),
        "comm" or "ucmd" => new("COMMAND", (p, _) => p.Name),
        "args" or "cmd" or "command" => new(name == "cmd" ? "CMD" : "COMMAND", (p, _) => p.CommandLine),
        "c" => new("C", (p, h) => Text((long)CpuPercent(p, h))),
        "pcpu" or "%cpu" => new("%CPU", (p, h) => CpuPercent(p, h).ToString("0.0", CultureInfo.InvariantCulture)),
        "pmem" or "%mem" => new("%MEM", (p, h) => (100.0 * p.ResidentKiB / h.MemoryKiB).ToString("0.0", CultureInfo.InvariantCulture)),
        "vsz" or "vsize" => new("VSZ", (p, _) => Text(p.VirtualKiB)),
        "rss" or "rssize" => new("RSS", (p, _) => Text(p.ResidentKiB)),
        "nlwp" or "thcount" => new("NLWP", (p, _) => Text(p.Threads)),
        "ni" or "nice" => new("NI", (p, _) => Text(p.Nice)),
        "tname" or "tty" or "tt" => new("TT", (p, _) => TerminalName(p.Terminal)),
        "s" or "state" => new("S", (p, _) => p.State.ToString()),
        "stat" => new("STAT", (p, _) => Status(p)),
        "stime" => new("STIME", StartTime),
        "start_time" => new("START", StartTime),
        "lstart" => new("STARTED", (p, h) => Started(p, h).ToLocalTime().ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture)),
        "time" or "cputime" => new("TIME", (p, _) => TimeSpan.FromSeconds(CpuSeconds(p)).ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture)),
        "bsdtime" => new("TIME", (p, _) => $"{CpuSeconds(p) / 60}:{CpuSeconds(p) % 60:00}"),
        "etime" => new("ELAPSED", (p, h) => Elapsed(h.Now - Started(p, h))),
        "etimes" => new("ELAPSED", (p, h) => Text((long)(h.Now - Started(p, h)).TotalSeconds)),
        _ => null,
    };

    private static GantryException Refuse(string what) => GantryException.Invalid(
        $"cannot list processes by ps arguments '{what}': -ef, aux and -o with a list of columns are known");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string NameOf(IReadOnlyDictionary<uint, string> names, uint id) => names.TryGetValue(id, out var name) ? name : Text(id);

    private static long CpuSeconds(ProcessEntry process) => process.CpuTicks / ProcessHost.TicksPerSecond;

    private static DateTimeOffset Started(ProcessEntry process, ProcessHost host) =>
        host.Booted.AddSeconds((double)process.StartTicks / ProcessHost.TicksPerSecond);

    private static double CpuPercent(ProcessEntry process, ProcessHost host)
    {
        var lived = (host.Now - Started(process, host)).TotalSeconds;
        return lived <= 0 ? 0 : 100.0 * process.CpuTicks / ProcessHost.TicksPerSecond / lived;
    }

    private static string StartTime(ProcessEntry process, ProcessHost host)
    {
        var started = Started(process, host).ToLocalTime();
        return host.Now - started < TimeSpan.FromHours(24)
            ? started.ToString("HH:mm", CultureInfo.InvariantCulture)
            : started.ToString("MMMdd", CultureInfo.InvariantCulture);
    }

    private static string Elapsed(TimeSpan time) =>
        time.Days > 0 ? time.ToString(@"d\-hh\:mm\:ss", CultureInfo.InvariantCulture)
        : time.Hours > 0 ? time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture)
        : time.ToString(@"mm\:ss", CultureInfo.InvariantCulture);

    private static string Status(ProcessEntry process) =>
        process.State
        + (process.Nice < 0 ? "<" : process.Nice > 0 ? "N" : "")
        + (process.Session == process.Pid ? "s" : "")
        + (process.Threads > 1 ? "l" : "")
        + (process.IsForeground ? "+" : "");

    private static string TerminalName(int device)
    {
        // The kernel packs major and minor of the terminal as in proc_pid_stat(5).
        var major = device >> 8 & 0xfff;
        var minor = device & 0xff | device >> 12 & 0xfff00;
        return device == 0 ? "?"
            : major is >= PtyMajorFirst and <= PtyMajorLast ? $"pts/{(major - PtyMajorFirst) * 256 + minor}"
            : major == 4 ? $"tty{minor}"
            : "?";
    }
}
