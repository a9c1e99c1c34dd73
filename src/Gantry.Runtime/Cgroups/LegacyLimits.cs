using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>
/// Writes limits into version 1 controllers (Documentation/admin-guide/cgroup-v1). What is null is left as it is, so that the same serves
/// creation and update.
/// </summary>
internal static class LegacyLimits
{
    private const ulong MostShares = 262144;

    /// <exception cref="GantryException">A limit that this machine has no means for.</exception>
    /// <exception cref="OsException">The kernel refused a value.</exception>
    internal static void Apply(ControllerFolders folders, LinuxResources resources)
    {
        if (resources.Unified is { Count: > 0 })
            throw GantryException.Invalid("cgroup: unified limits need a machine with cgroup v2 alone");
        if (resources.Devices is { } devices)
            ApplyDevices(folders.Need("devices", "device rules"), devices);
        if (resources.Memory is { } memory)
            LegacyMemoryLimits.Apply(folders, memory);
        if (resources.Cpu is { } cpu)
            ApplyCpu(folders, cpu);
        if (resources.Pids?.Limit is { } tasks)
            folders.Need("pids", "the limit of tasks").Write("pids.max", tasks > 0 ? tasks.ToString(CultureInfo.InvariantCulture) : "max");
        if (resources.BlockIO is { } blockIo)
            LegacyBlockIoLimits.Apply(folders, blockIo);
        if (resources.Network is { } network)
            ApplyNetwork(folders, network);
        HugepageLimits.Apply(folders, resources.HugepageLimits ?? []);
        RdmaLimits.Apply(folders, resources.Rdma);
    }

    /// <summary>
    /// The rules in their order. A rule for all devices resets the controller, so that while an update is written, devices are denied
    /// for a moment which are allowed before and after.
    /// </summary>
    private static void ApplyDevices(CgroupFolder folder, IReadOnlyList<DeviceRule> rules)
    {
        // Runs of rules with the same effect go through one open file.
        for (var first = 0; first < rules.Count;)
        {
            var end = first + 1;
            while (end < rules.Count && rules[end].Allow == rules[first].Allow)
                end++;
            var lines = rules.Skip(first).Take(end - first).SelectMany(DeviceRuleText.Lines);
            folder.WriteLines(rules[first].Allow ? "devices.allow" : "devices.deny", string.Join('\n', lines));
            first = end;
        }
    }

    private static void ApplyCpu(ControllerFolders folders, CpuResources cpu)
    {
        // The kernel puts what lies outside on the nearest bound, and says nothing.
        if (cpu.Shares is 1)
            throw GantryException.Invalid("the minimum allowed cpu-shares is 2");
        if (cpu.Shares > MostShares)
            throw GantryException.Invalid($"the maximum allowed cpu-shares is {MostShares}");
        if (cpu.Shares is { } shares and > 0)
            folders.Need("cpu", "CPU shares").Write("cpu.shares", shares);
        if (cpu.Idle is { } idle)
            folders.NeedFile("cpu", "cpu.idle", "CPU idle scheduling").Write("cpu.idle", idle);
        ApplyCpuBandwidth(folders, cpu);
        if (cpu.RealtimePeriod is { } realtimePeriod and > 0)
            folders.NeedFile("cpu", "cpu.rt_period_us", "the real-time period").Write("cpu.rt_period_us", realtimePeriod);
        if (cpu.RealtimeRuntime is { } realtimeRuntime and not 0)
            folders.NeedFile("cpu", "cpu.rt_runtime_us", "the real-time runtime").Write("cpu.rt_runtime_us", realtimeRuntime);
        if (cpu.Cpus is { Length: > 0 } cpus)
            folders.Need("cpuset", "processors").Write("cpuset.cpus", cpus);
        if (cpu.Mems is { Length: > 0 } mems)
            folders.Need("cpuset", "memory nodes").Write("cpuset.mems", mems);
    }

    private static void ApplyCpuBandwidth(ControllerFolders folders, CpuResources cpu)
    {
        const string periodFile = "cpu.cfs_period_us", quotaFile = "cpu.cfs_quota_us", burstFile = "cpu.cfs_burst_us";
        var period = cpu.Period is > 0 ? cpu.Period.Value.ToString(CultureInfo.InvariantCulture) : null;
        var quota = cpu.Quota is { } amount and not 0 ? Math.Max(amount, -1).ToString(CultureInfo.InvariantCulture) : null;
        var burst = cpu.Burst?.ToString(CultureInfo.InvariantCulture);
        if (period is null && quota is null && burst is null)
            return;

        var folder = folders.NeedFile("cpu", quotaFile, "a CPU quota");
        // A quota that shrinks below the present burst is refused until the burst has shrunk, and the other way round.
        if (burst is not null && quota is not null)
        {
            if (period is not null && folder.TryWrite(periodFile, period) == default)
                period = null;
            folder.WriteTogether((burstFile, burst), (quotaFile, quota));
            if (period is not null)
                folder.Write(periodFile, period);
        }
        else if (period is not null && quota is not null)
            folder.WriteTogether((periodFile, period), (quotaFile, quota));
        else
            folder.Write(period is not null ? periodFile : quota is not null ? quotaFile : burstFile, (period ?? quota ?? burst)!);
    }

    private static void ApplyNetwork(ControllerFolders folders, NetworkResources network)
    {
        if (network.ClassId is { } classId)
            folders.Need("net_cls", "the class of packets").Write("net_cls.classid", classId);
        foreach (var priority in network.Priorities ?? [])
            folders.Need("net_prio", "priorities of interfaces").Write("net_prio.ifpriomap", $"{priority.Name} {priority.Priority}");
    }
}
