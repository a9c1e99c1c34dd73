using System.Globalization;

namespace Gantry.Engine.Statistics;

/// <summary>The processors of the machine, as /proc/stat tells of them (proc_stat(5)).</summary>
/// <param name="Spent">Nanoseconds that all of them together have spent, idle or not.</param>
/// <param name="Online">How many are on.</param>
internal readonly record struct HostProcessors(ulong Spent, uint Online)
{
    private const ulong NanosecondsOfTick = 10_000_000; // USER_HZ is 100 on all architectures that Linux runs containers on.
    private const int TimesOfDocker = 7; // user, nice, system, idle, iowait, irq, softirq; guests are within user.

    public static HostProcessors Read() => Parse(File.ReadAllText("/proc/stat"));

    public static HostProcessors Parse(string text)
    {
        ulong ticks = 0;
        uint online = 0;
        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal))
                continue;
            if (line[3] != ' ')
                online++;
            else
                foreach (var time in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(TimesOfDocker))
                    ticks += ulong.Parse(time, CultureInfo.InvariantCulture);
        }
        return new HostProcessors(ticks * NanosecondsOfTick, online);
    }
}
