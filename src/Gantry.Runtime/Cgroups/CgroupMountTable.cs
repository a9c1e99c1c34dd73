using Gantry.Os.Files;
using System.Text;

namespace Gantry.Runtime.Cgroups;

/// <summary>Finds the control group trees among the mounts of a process (proc_pid_mountinfo(5)).</summary>
internal static class CgroupMountTable
{
    internal const string CustomaryRoot = "/sys/fs/cgroup";

    private static readonly string[] LegacyControllers =
    [
        "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb", "memory", "misc", "net_cls", "net_prio", "perf_event", "pids", "rdma",
    ];

    /// <summary>The trees, each once: the first mount of it that is where it customarily is, or else the first.</summary>
    internal static IReadOnlyList<CgroupHierarchy> Parse(string mountInfo)
    {
        var found = new List<CgroupHierarchy>();
        foreach (var line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (ParseLine(line) is { } hierarchy)
                found.Add(hierarchy);
        return
        [
            .. found.OrderBy(hierarchy => hierarchy.MountPoint.StartsWith(CustomaryRoot, StringComparison.Ordinal) ? 0 : 1)
                .DistinctBy(hierarchy => (hierarchy.IsUnified, hierarchy.MountOptions)),
        ];
    }

    // 36 35 98:0 /root /mount/point rw,noatime shared:1 - type source super-options
    private static CgroupHierarchy? ParseLine(string line)
    {
        var separator = line.IndexOf(" - ", StringComparison.Ordinal);
        if (separator < 0)
            return null;
        var mount = line[..separator].Split(' ');
        var fileSystem = line[(separator + 3)..].Split(' ');
        if (mount.Length < 6 || fileSystem.Length < 3)
            return null;
        var mountPoint = Unescape(mount[4]);
        return fileSystem[0] switch
        {
            "cgroup2" => new CgroupHierarchy(mountPoint, true, RootControllers(mountPoint)),
            "cgroup" => Legacy(mountPoint, fileSystem[2].Split(',')),
            _ => null,
        };
    }

    /// <summary>A hierarchy with controllers, or systemd's; other named ones belong to someone else.</summary>
    private static CgroupHierarchy? Legacy(string mountPoint, string[] options)
    {
        string[] controllers = [.. options.Where(option => LegacyControllers.Contains(option))];
        if (controllers.Length > 0)
            return new CgroupHierarchy(mountPoint, false, controllers);
        return options.Contains("name=systemd") ? new CgroupHierarchy(mountPoint, false, [], "systemd") : null;
    }

    private static string[] RootControllers(string mountPoint)
    {
        var text = ControlFile.TryRead(null, KernelPath.FromText(mountPoint + "/cgroup.controllers"), out _) ?? [];
        return Encoding.ASCII.GetString(text).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }

    // The kernel writes blanks and backslashes of paths as three octal digits.
    private static string Unescape(string path) =>
        path.Replace("\\040", " ").Replace("\\011", "\t").Replace("\\012", "\n").Replace("\\134", "\\");
}
