using System.Globalization;

namespace Gantry.Engine.Processes;

/// <summary>What of the host the columns of ps(1) need.</summary>
/// <param name="Now">The time.</param>
/// <param name="Booted">When the host started.</param>
/// <param name="MemoryKiB">All memory.</param>
/// <param name="Users">Names by user id, of the host: a container's own names are not known outside.</param>
/// <param name="Groups">Names by group id.</param>
internal sealed record ProcessHost(
    DateTimeOffset Now, DateTimeOffset Booted, long MemoryKiB, IReadOnlyDictionary<uint, string> Users, IReadOnlyDictionary<uint, string> Groups)
{
    /// <summary>Clock ticks a second (sysconf(_SC_CLK_TCK)): 100 on every Linux that user space sees.</summary>
    public const int TicksPerSecond = 100;

    public static ProcessHost Read(DateTimeOffset now)
    {
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        var memory = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return new ProcessHost(
            now, now.AddSeconds(-uptime), long.Parse(memory, CultureInfo.InvariantCulture), Names("/etc/passwd"), Names("/etc/group"));
    }

    private static Dictionary<uint, string> Names(string path)
    {
        var result = new Dictionary<uint, string>();
        if (!File.Exists(path))
            return result;
        foreach (var line in File.ReadLines(path))
        {
            if (line.Split(':') is [var name, _, var id, ..] && uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                result.TryAdd(number, name);
        }

        return result;
    }
}
