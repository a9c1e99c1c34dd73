namespace Gantry.Oci.Runtime.Reading;

/// <summary>Reads the limits of a cgroup: one method for each type of the model, of the same name.</summary>
internal static class LinuxResourcesMembers
{
    internal static LinuxResources LinuxResources(JsonMembers of) => new()
    {
        Devices = of.Objects("devices", DeviceRule),
        Memory = of.Object("memory", MemoryResources),
        Cpu = of.Object("cpu", CpuResources),
        Pids = of.Object("pids", PidsResources),
        BlockIO = of.Object("blockIO", BlockIoResources),
        HugepageLimits = of.Objects("hugepageLimits", HugepageLimit),
        Network = of.Object("network", NetworkResources),
        Rdma = of.ObjectMap("rdma", RdmaResources),
        Unified = of.TextMap("unified"),
    };

    internal static DeviceRule DeviceRule(JsonMembers of) => new()
    {
        Allow = of.Flag("allow") ?? false,
        Type = of.Text("type"),
        Major = of.Int64("major"),
        Minor = of.Int64("minor"),
        Access = of.Text("access"),
    };

    internal static MemoryResources MemoryResources(JsonMembers of) => new()
    {
        Limit = of.Int64("limit"),
        Reservation = of.Int64("reservation"),
        Swap = of.Int64("swap"),
        Kernel = of.Int64("kernel"),
        KernelTcp = of.Int64("kernelTCP"),
        Swappiness = of.UInt64("swappiness"),
        DisableOomKiller = of.Flag("disableOOMKiller"),
        UseHierarchy = of.Flag("useHierarchy"),
        CheckBeforeUpdate = of.Flag("checkBeforeUpdate"),
    };

    internal static CpuResources CpuResources(JsonMembers of) => new()
    {
        Shares = of.UInt64("shares"),
        Quota = of.Int64("quota"),
        Burst = of.UInt64("burst"),
        Period = of.UInt64("period"),
        RealtimeRuntime = of.Int64("realtimeRuntime"),
        RealtimePeriod = of.UInt64("realtimePeriod"),
        Cpus = of.Text("cpus"),
        Mems = of.Text("mems"),
        Idle = of.Int64("idle"),
    };

    internal static PidsResources PidsResources(JsonMembers of) =>
        new(of.Int64("limit"));

    internal static BlockIoResources BlockIoResources(JsonMembers of) => new()
    {
        Weight = of.UInt16("weight"),
        LeafWeight = of.UInt16("leafWeight"),
        WeightDevice = of.Objects("weightDevice", BlockIoWeightDevice),
        ThrottleReadBpsDevice = of.Objects("throttleReadBpsDevice", BlockIoThrottleDevice),
        ThrottleWriteBpsDevice = of.Objects("throttleWriteBpsDevice", BlockIoThrottleDevice),
        ThrottleReadIOPSDevice = of.Objects("throttleReadIOPSDevice", BlockIoThrottleDevice),
        ThrottleWriteIOPSDevice = of.Objects("throttleWriteIOPSDevice", BlockIoThrottleDevice),
    };

    internal static BlockIoWeightDevice BlockIoWeightDevice(JsonMembers of) =>
        new(of.Int64("major") ?? 0, of.Int64("minor") ?? 0, of.UInt16("weight"), of.UInt16("leafWeight"));

    internal static BlockIoThrottleDevice BlockIoThrottleDevice(JsonMembers of) =>
        new(of.Int64("major") ?? 0, of.Int64("minor") ?? 0, of.UInt64("rate") ?? 0);

    internal static HugepageLimit HugepageLimit(JsonMembers of) =>
        new(of.Text("pageSize") ?? "", of.UInt64("limit") ?? 0);

    internal static NetworkResources NetworkResources(JsonMembers of) => new()
    {
        ClassId = of.UInt32("classID"),
        Priorities = of.Objects("priorities", InterfacePriority),
    };

    internal static InterfacePriority InterfacePriority(JsonMembers of) =>
        new(of.Text("name") ?? "", of.UInt32("priority") ?? 0);

    internal static RdmaResources RdmaResources(JsonMembers of) => new()
    {
        HcaHandles = of.UInt32("hcaHandles"),
        HcaObjects = of.UInt32("hcaObjects"),
    };
}
