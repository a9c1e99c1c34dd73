using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>The limits and devices of a container.</summary>
internal static class ResourceLimits
{
    /// <summary>Fills them in.</summary>
    public static void Apply(Service service, HostConfig host)
    {
        var definition = service.Definition;
        host.CgroupParent = service.Text("cgroup_parent");
        host.Memory = definition.Number("mem_limit");
        host.MemorySwap = definition.Number("memswap_limit");
        host.MemorySwappiness = definition.Number("mem_swappiness") is not 0 and var swappiness ? swappiness : null;
        host.MemoryReservation = definition.Number("mem_reservation");
        host.OomKillDisable = definition.Flag("oom_kill_disable");
        host.CpuCount = definition.Number("cpu_count");
        host.CpuPeriod = definition.Number("cpu_period");
        host.CpuQuota = definition.Number("cpu_quota");
        host.CpuRealtimePeriod = definition.Number("cpu_rt_period");
        host.CpuRealtimeRuntime = definition.Number("cpu_rt_runtime");
        host.CpuShares = definition.Number("cpu_shares");
        host.NanoCpus = NanoCpus(definition);
        host.CpuPercent = (long)(definition.Fraction("cpu_percent") * 100);
        host.CpusetCpus = service.Text("cpuset");
        host.DeviceCgroupRules = definition.Texts("device_cgroup_rules") is { Count: > 0 } rules ? rules : null;
        host.PidsLimit = definition.Number("pids_limit") is not 0 and var pids ? pids : null;
        host.Ulimits = Ulimits(definition.Map("ulimits"));
        Blkio(definition.Map("blkio_config"), host);
        Devices(service, host);
        if (service.Map("deploy")?.Map("resources") is { } resources)
            Deploy(resources, host);
    }

    private static long NanoCpus(MapValue map) => (long)((float)map.Fraction("cpus") * 1e9f);

    private static void Deploy(MapValue resources, HostConfig host)
    {
        if (resources.Map("limits") is { } limits)
        {
            if (limits.Number("memory") is not 0 and var memory)
                host.Memory = memory;
            if (limits.Fraction("cpus") != 0)
                host.NanoCpus = NanoCpus(limits);
            if (limits.Number("pids") is > 0 and var pids)
                host.PidsLimit = pids;
        }
        if (resources.Map("reservations") is not { } reserved)
            return;
        if (reserved.Number("memory") is not 0 and var least)
            host.MemoryReservation = least;
        foreach (var device in reserved.Maps("devices"))
            host.DeviceRequests = [.. host.DeviceRequests ?? [], Request(device, device.Texts("capabilities"))];
    }

    private static void Devices(Service service, HostConfig host)
    {
        var mappings = new List<DeviceMapping>();
        var names = new List<string>();
        foreach (var device in service.Maps("devices"))
        {
            var source = device.Text("source");
            // vendor/class=name is a device of the Container Device Interface.
            if (source == device.Text("target") && !source.StartsWith('/') && source.Contains('/', StringComparison.Ordinal)
                && source.Contains('=', StringComparison.Ordinal))
                names.Add(source);
            else
                mappings.Add(
                    new DeviceMapping { PathOnHost = source, PathInContainer = device.Text("target"), CgroupPermissions = device.Text("permissions") });
        }
        host.Devices = mappings.Count > 0 ? mappings : null;
        List<DeviceRequest> requests = names.Count > 0 ? [new DeviceRequest { Driver = "cdi", DeviceIDs = names }] : [];
        requests.AddRange(service.Maps("gpus").Select(static device => Request(device, [.. device.Texts("capabilities"), "gpu"])));
        host.DeviceRequests = requests.Count > 0 ? requests : null;
    }

    private static DeviceRequest Request(MapValue device, IReadOnlyList<string> capabilities) => new()
    {
        Driver = device.Text("driver"),
        Count = (int)device.Number("count"),
        DeviceIDs = device.Texts("device_ids") is { Count: > 0 } names ? names : null,
        Capabilities = [capabilities],
        Options = device.TextMap("options"),
    };

    private static List<Ulimit>? Ulimits(MapValue? limits) => limits is null ? null : [.. limits.Entries.Select(static limit => limit.Value is MapValue both
        ? new Ulimit { Name = limit.Key, Soft = both.Number("soft"), Hard = both.Number("hard") }
        : new Ulimit { Name = limit.Key, Soft = ((ScalarValue)limit.Value).Integer, Hard = ((ScalarValue)limit.Value).Integer })];

    private static void Blkio(MapValue? blkio, HostConfig host)
    {
        if (blkio is null)
            return;
        host.BlkioWeight = (int)blkio.Number("weight");
        var weights = blkio.Maps("weight_device")
            .Select(static device => new WeightDevice { Path = device.Text("path"), Weight = (int)device.Number("weight") }).ToArray();
        host.BlkioWeightDevice = weights.Length > 0 ? weights : null;
        host.BlkioDeviceReadBps = Rates(blkio, "device_read_bps");
        host.BlkioDeviceReadIOps = Rates(blkio, "device_read_iops");
        host.BlkioDeviceWriteBps = Rates(blkio, "device_write_bps");
        host.BlkioDeviceWriteIOps = Rates(blkio, "device_write_iops");
    }

    private static ThrottleDevice[]? Rates(MapValue blkio, string key) =>
        blkio.Maps(key).Select(static device => new ThrottleDevice { Path = device.Text("path"), Rate = (ulong)device.Number("rate") })
            .ToArray() is { Length: > 0 } rates ? rates : null;
}
