using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>What an engine takes of the machine at a moment.</summary>
/// <param name="Descriptors">Open descriptors of daemon and keeper.</param>
/// <param name="Threads">Their threads.</param>
/// <param name="MemoryKiB">Their memory, each page shared among those who have it (PSS).</param>
/// <param name="Mounts">Mounts below the engine's folders.</param>
/// <param name="Cgroups">Cgroups of the engine.</param>
/// <param name="Interfaces">Network interfaces of the host.</param>
/// <param name="Files">Files and folders of the engine.</param>
internal sealed record EngineFigures(int Descriptors, int Threads, long MemoryKiB, int Mounts, int Cgroups, int Interfaces, int Files)
{
    public static EngineFigures Take(Daemon daemon)
    {
        int[] processes = [daemon.Pid, .. daemon.KeeperPids];
        return new EngineFigures(
            processes.Sum(pid => Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count()),
            processes.Sum(pid => Directory.EnumerateDirectories($"/proc/{pid}/task").Count()),
            processes.Sum(Pss),
            MachineState.MountsBelow(daemon.Folder).Count(),
            Command.Shell($"find /sys/fs/cgroup -type d -path '*{MachineState.EngineCgroup(daemon.Root)}/*' 2>/dev/null || true")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Length,
            Directory.EnumerateFileSystemEntries("/sys/class/net").Count(),
            Directory.EnumerateFileSystemEntries(daemon.Folder, "*", SearchOption.AllDirectories).Count());
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Descriptors} descriptors, {Threads} threads, {MemoryKiB / 1024.0:0.0} MiB, {Mounts} mounts, {Cgroups} cgroups, {Interfaces} interfaces, {Files} files");

    private static long Pss(int pid) => File.ReadLines($"/proc/{pid}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal)) is var line
        ? long.Parse(line[4..^2].Trim(), CultureInfo.InvariantCulture) : 0;
}
