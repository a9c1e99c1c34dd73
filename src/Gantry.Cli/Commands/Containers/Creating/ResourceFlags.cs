using Gantry.Api.Model;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The flags for limits.</summary>
internal sealed class ResourceFlags(FlagSet flags)
{
    private readonly ValueFlag<long> _blkioWeight = flags.Value(
        "blkio-weight", '\0', "uint16", "Relative weight of block IO, 10 to 1000, or 0 to disable", FlagValues.ParseUInt16, 0L);
    private readonly ListFlag<WeightDevice> _weightDevice = flags.Add(
        new ListFlag<WeightDevice>("blkio-weight-device", '\0', "list", "Relative weight of block IO of a device", DeviceFlags.ParseWeight));
    private readonly ValueFlag<string> _cgroupParent = flags.String("cgroup-parent", "Cgroup to make the container's in");
    private readonly ValueFlag<long> _cpuPeriod = flags.Int("cpu-period", "Period of the CPU limit in microseconds");
    private readonly ValueFlag<long> _cpuQuota = flags.Int("cpu-quota", "CPU time in each period in microseconds");
    private readonly ValueFlag<long> _cpuRtPeriod = flags.Int("cpu-rt-period", "Period of the real-time CPU limit in microseconds");
    private readonly ValueFlag<long> _cpuRtRuntime = flags.Int("cpu-rt-runtime", "Real-time CPU time in each period in microseconds");
    private readonly ValueFlag<long> _cpuShares = flags.Int("cpu-shares", 'c', "Relative weight of CPU time");
    private readonly ValueFlag<long> _cpus = flags.Value("cpus", '\0', "decimal", "Number of CPUs", FlagValues.ParseCpus, 0L);
    private readonly ValueFlag<string> _cpusetCpus = flags.String("cpuset-cpus", "CPUs to run on (0-3, 0,1)");
    private readonly ValueFlag<string> _cpusetMems = flags.String("cpuset-mems", "Memory nodes to use (0-3, 0,1)");
    private readonly ListFlag<string> _device = flags.List("device", "Device of the host for the container", DeviceFlags.Check);
    private readonly ListFlag<string> _deviceCgroupRule = flags.List("device-cgroup-rule", "Rule for the list of allowed devices", DeviceFlags.CheckRule);
    private readonly ListFlag<ThrottleDevice> _readBps = flags.Add(
        new ListFlag<ThrottleDevice>("device-read-bps", '\0', "list", "Most bytes a second to read from a device", DeviceFlags.ParseBytesRate));
    private readonly ListFlag<ThrottleDevice> _readIops = flags.Add(
        new ListFlag<ThrottleDevice>("device-read-iops", '\0', "list", "Most reads a second from a device", DeviceFlags.ParseCountRate));
    private readonly ListFlag<ThrottleDevice> _writeBps = flags.Add(
        new ListFlag<ThrottleDevice>("device-write-bps", '\0', "list", "Most bytes a second to write to a device", DeviceFlags.ParseBytesRate));
    private readonly ListFlag<ThrottleDevice> _writeIops = flags.Add(
        new ListFlag<ThrottleDevice>("device-write-iops", '\0', "list", "Most writes a second to a device", DeviceFlags.ParseCountRate));
    private readonly ValueFlag<long> _memory = flags.Bytes("memory", 'm', "Memory limit");
    private readonly ValueFlag<long> _memoryReservation = flags.Bytes("memory-reservation", '\0', "Memory soft limit");
    private readonly ValueFlag<long> _memorySwap = flags.Value(
        "memory-swap", '\0', "bytes", "Limit of memory and swap together; -1 for unlimited swap", FlagValues.ParseSwap, 0L);
    private readonly ValueFlag<long> _memorySwappiness = flags.Int("memory-swappiness", "How readily memory is swapped (0 to 100)", -1);
    private readonly BoolFlag _oomKillDisable = flags.Bool("oom-kill-disable", "Disable the OOM killer");
    private readonly ValueFlag<long> _pidsLimit = flags.Int("pids-limit", "Most processes (-1 for unlimited)");
    private readonly ListFlag<Ulimit> _ulimit = flags.Add(new ListFlag<Ulimit>("ulimit", '\0', "ulimit", "Resource limit of the process", UlimitParser.Parse));

    /// <summary>How likely the OOM killer takes the container; a member of the host configuration itself.</summary>
    public ValueFlag<long> OomScoreAdj { get; } =
        flags.Value("oom-score-adj", '\0', "int", "How likely the OOM killer takes the container (-1000 to 1000)", FlagValues.ParseInt32, 0L);

    /// <summary>Sets the limits.</summary>
    /// <exception cref="CommandException">A value is out of its range.</exception>
    public void ApplyTo(ContainerResources resources)
    {
        if (_memorySwappiness.Value is < -1 or > 100)
            throw new CommandException($"invalid value: {_memorySwappiness.Value}. Valid memory swappiness range is 0-100");
        resources.CgroupParent = _cgroupParent.Value;
        resources.BlkioWeight = (int)_blkioWeight.Value;
        resources.BlkioWeightDevice = _weightDevice.Values;
        resources.BlkioDeviceReadBps = _readBps.Values;
        resources.BlkioDeviceReadIOps = _readIops.Values;
        resources.BlkioDeviceWriteBps = _writeBps.Values;
        resources.BlkioDeviceWriteIOps = _writeIops.Values;
        resources.CpuPeriod = _cpuPeriod.Value;
        resources.CpuQuota = _cpuQuota.Value;
        resources.CpuRealtimePeriod = _cpuRtPeriod.Value;
        resources.CpuRealtimeRuntime = _cpuRtRuntime.Value;
        resources.CpuShares = _cpuShares.Value;
        resources.NanoCpus = _cpus.Value;
        resources.CpusetCpus = _cpusetCpus.Value;
        resources.CpusetMems = _cpusetMems.Value;
        resources.Memory = _memory.Value;
        resources.MemoryReservation = _memoryReservation.Value;
        resources.MemorySwap = _memorySwap.Value;
        // Only when they are given (docker's client writes its defaults, which to daemons are the same): writing one costs as much as all others.
        resources.MemorySwappiness = _memorySwappiness.Changed ? _memorySwappiness.Value : null;
        resources.OomKillDisable = _oomKillDisable.Changed ? _oomKillDisable.Value : null;
        resources.PidsLimit = _pidsLimit.Changed ? _pidsLimit.Value : null;
        // The generic methods of Linq are looked up by name when they are first called: nothing is asked of them where there is nothing.
        resources.Devices = [];
        resources.Ulimits = [];
        if (_device.Values.Count + _deviceCgroupRule.Values.Count > 0)
            ApplyDevices(resources);
        if (_ulimit.Values.Count > 0)
            resources.Ulimits = [.. _ulimit.Values.GroupBy(static limit => limit.Name).Select(static limits => limits.Last())
                .OrderBy(static limit => limit.Name, StringComparer.Ordinal)];
    }

    private void ApplyDevices(ContainerResources resources)
    {
        resources.DeviceCgroupRules = _deviceCgroupRule.Values.Count > 0 ? _deviceCgroupRule.Values : null;
        resources.Devices = [.. _device.Values.Where(static device => !DeviceFlags.IsQualifiedName(device)).Select(DeviceFlags.ParseMapping)];
        var qualified = _device.Values.Where(DeviceFlags.IsQualifiedName).ToArray();
        if (qualified.Length > 0)
            resources.DeviceRequests = [new DeviceRequest { Driver = "cdi", DeviceIDs = qualified }];
    }
}
