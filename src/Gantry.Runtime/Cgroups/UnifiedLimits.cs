using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>
/// Writes limits into version 2 controllers (Documentation/admin-guide/cgroup-v2.rst). What is null is left as it is; what version 2
/// has no means for is refused.
/// </summary>
internal static class UnifiedLimits
{
    /// <exception cref="GantryException">A limit that this machine has no means for.</exception>
    /// <exception cref="OsException">The kernel refused a value.</exception>
    internal static void Apply(CgroupFolder folder, ControllerFolders folders, LinuxResources resources)
    {
        if (resources.Network is { ClassId: not null } or { Priorities.Count: > 0 })
            throw GantryException.Invalid("cgroup: cannot set classes and priorities of packets: cgroup v2 has no net_cls and net_prio controllers");
        if (resources.Devices is { } devices)
            UnifiedDevices.Apply(folder, devices);
        if (resources.Memory is { } memory)
            UnifiedMemoryLimits.Apply(folders, memory);
        if (resources.Cpu is { } cpu)
            ApplyCpu(folders, cpu);
        if (resources.Pids?.Limit is { } tasks)
            folders.Need("pids", "the limit of tasks").Write("pids.max", tasks > 0 ? tasks.ToString(CultureInfo.InvariantCulture) : "max");
        if (resources.BlockIO is { } blockIo)
            UnifiedBlockIoLimits.Apply(folders, blockIo);
        HugepageLimits.Apply(folders, resources.HugepageLimits ?? []);
        RdmaLimits.Apply(folders, resources.Rdma);
        // Last, so that these, which name the very files, have the last word.
        foreach (var (file, value) in resources.Unified ?? new Dictionary<string, string>())
            ApplyUnified(folder, file, value);
    }

    /// <summary>
    /// The weight (1 to 10000, default 100) that takes the place of shares (2 to 262144, default 1024): the curve through the three pairs
    /// of ends and defaults that runc, crun and systemd agreed upon. (The straight line of before made 39 of the default.)
    /// </summary>
    internal static ulong WeightOfShares(ulong shares)
    {
        var logarithm = Math.Log2(Math.Clamp(shares, 2, 262144));
        var exponent = (logarithm * logarithm + 125 * logarithm) / 612 - 7.0 / 34;
        return (ulong)Math.Ceiling(Math.Pow(10, exponent));
    }

    private static void ApplyCpu(ControllerFolders folders, CpuResources cpu)
    {
        if (cpu.RealtimePeriod is > 0 || cpu.RealtimeRuntime is not (null or 0))
            throw GantryException.Invalid("cgroup: cannot set real-time scheduling: the cpu controller of cgroup v2 has none");
        if (cpu.Shares is { } shares and > 0)
            folders.Need("cpu", "CPU shares").Write("cpu.weight", WeightOfShares(shares));
        if (cpu.Idle is { } idle)
            folders.NeedFile("cpu", "cpu.idle", "CPU idle scheduling").Write("cpu.idle", idle);
        ApplyCpuBandwidth(folders, cpu);
        if (cpu.Cpus is { Length: > 0 } cpus)
            folders.Need("cpuset", "processors").Write("cpuset.cpus", cpus);
        if (cpu.Mems is { Length: > 0 } mems)
            folders.Need("cpuset", "memory nodes").Write("cpuset.mems", mems);
    }

    private static void ApplyCpuBandwidth(ControllerFolders folders, CpuResources cpu)
    {
        var quota = cpu.Quota is { } amount and not 0 ? amount > 0 ? amount.ToString(CultureInfo.InvariantCulture) : "max" : null;
        var period = cpu.Period is { } length and > 0 ? length.ToString(CultureInfo.InvariantCulture) : null;
        var burst = cpu.Burst?.ToString(CultureInfo.InvariantCulture);
        if (quota is null && period is null && burst is null)
            return;

        var folder = folders.Need("cpu", "a CPU quota");
        // One file holds both; the part that is not given stays.
        if (quota is null && period is not null)
            quota = folder.TryReadText("cpu.max")?.Split(' ')[0] ?? "max";
        var bandwidth = period is null ? quota : $"{quota} {period}";
        if (burst is not null && bandwidth is not null)
            folder.WriteTogether(("cpu.max.burst", burst), ("cpu.max", bandwidth));
        else if (bandwidth is not null)
            folder.Write("cpu.max", bandwidth);
        else
            folder.Write("cpu.max.burst", burst!);
    }

    private static void ApplyUnified(CgroupFolder folder, string file, string value)
    {
        if (file.Contains('/') || !file.Contains('.'))
            throw GantryException.Invalid($"cgroup: \"{file}\" is not a file of a control group");
        if (folder.TryWrite(file, value) is var error && error == Errno.ENOENT)
            throw GantryException.Invalid($"cgroup: cannot set {file}: this machine has no {file[..file.IndexOf('.')]} controller with this file");
        else if (error != default)
            throw folder.Failure(file, value, error);
    }
}
