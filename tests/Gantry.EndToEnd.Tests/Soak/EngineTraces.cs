using System.Globalization;
using System.Text.RegularExpressions;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Everything by which an engine without containers shows on the machine: what was not there before is a leak.</summary>
internal sealed partial class EngineTraces(Daemon daemon)
{
    private readonly List<string> _before = Collect(daemon);

    /// <summary>Fails if something is there, after a while to clean up in the background, that was not there before.</summary>
    public void AssertNothingNew() =>
        Eventually.True(() => New().Count == 0, () => "this is left:\n" + string.Join("\n", New()));

    private List<string> New()
    {
        var now = Collect(daemon);
        foreach (var trace in _before) now.Remove(trace);
        return now;
    }

    private static List<string> Collect(Daemon daemon) =>
    [
        .. Files(daemon),
        .. MachineState.MountsBelow(daemon.Folder).Select(mount => $"mount {mount}"),
        .. Descriptors("daemon", daemon.Pid),
        .. daemon.KeeperPids.SelectMany(pid => Descriptors("keeper", pid).Prepend("keeper")),
        .. Zombies(daemon),
        .. Cgroups(daemon).Select(path => $"cgroup {path}"),
    ];

    /// <summary>All but the one file that says when images were last used, which is written a while after the first use.</summary>
    private static IEnumerable<string> Files(Daemon daemon) =>
        Directory.EnumerateFileSystemEntries(daemon.Root, "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFileSystemEntries(daemon.Run, "*", SearchOption.AllDirectories))
            .Where(path => Path.GetFileName(path) != "image-use.json").Select(path => $"file {path}");

    /// <summary>
    /// Those that stand for something: the runtime's own come and go. The runtime of this process opens the list of processors at each start of
    /// a thread, and without O_CLOEXEC: a daemon that is launched at that moment inherits it.
    /// </summary>
    private static IEnumerable<string> Descriptors(string owner, int pid) =>
        Links($"/proc/{pid}/fd").Where(target => !target.Contains("eventpoll", StringComparison.Ordinal) && !target.EndsWith(".dll", StringComparison.Ordinal)
            && target != "/sys/devices/system/cpu/possible")
            .Select(target => $"descriptor of the {owner}: {Numbers().Replace(target, "N")}");

    private static List<string> Links(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Select(path => new FileInfo(path).LinkTarget).OfType<string>()];
        }
        catch (IOException)
        {
            return []; // Closed, or ended, meanwhile.
        }
    }

    /// <summary>Processes that have ended, and whose parent did not take note.</summary>
    private static IEnumerable<string> Zombies(Daemon daemon) =>
        from line in Command.Shell("cat /proc/[0-9]*/stat 2>/dev/null || true").Split('\n')
        let name = line.LastIndexOf(')') + 1
        let status = line[name..].Split(' ')
        where status is [_, "Z", ..]
        let parent = int.Parse(status[2], CultureInfo.InvariantCulture)
        where parent == daemon.Pid || daemon.KeeperPids.Contains(parent)
        select $"zombie {line[..name]} of the {(parent == daemon.Pid ? "daemon" : "keeper")}";

    private static IEnumerable<string> Cgroups(Daemon daemon)
    {
        var name = "gy" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(daemon.Root)))[..6];
        return Command.Shell($"find /sys/fs/cgroup -type d -path '*{name}/*' 2>/dev/null || true").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
