namespace Gantry.Oci.Runtime.Reading;

/// <summary>Reads what only Linux has: one method for each type of the model, of the same name.</summary>
internal static class LinuxSpecMembers
{
    internal static LinuxSpec LinuxSpec(JsonMembers of) => new()
    {
        Namespaces = of.Objects("namespaces", NamespaceSpec),
        UidMappings = of.Objects("uidMappings", RuntimeSpecMembers.IdMapping),
        GidMappings = of.Objects("gidMappings", RuntimeSpecMembers.IdMapping),
        Devices = of.Objects("devices", DeviceSpec),
        NetDevices = of.ObjectMap("netDevices", NetDeviceSpec),
        CgroupsPath = of.Text("cgroupsPath"),
        Resources = of.Object("resources", LinuxResourcesMembers.LinuxResources),
        RootfsPropagation = of.Text("rootfsPropagation"),
        Seccomp = of.Object("seccomp", LinuxSeccompMembers.LinuxSeccomp),
        Sysctl = of.TextMap("sysctl"),
        MaskedPaths = of.Texts("maskedPaths"),
        ReadonlyPaths = of.Texts("readonlyPaths"),
        MountLabel = of.Text("mountLabel"),
        IntelRdt = of.Object("intelRdt", IntelRdtSpec),
        MemoryPolicy = of.Object("memoryPolicy", MemoryPolicySpec),
        Personality = of.Object("personality", PersonalitySpec),
        TimeOffsets = of.ObjectMap("timeOffsets", TimeOffset),
    };

    internal static NamespaceSpec NamespaceSpec(JsonMembers of) =>
        new(of.Text("type") ?? "", of.Text("path"));

    internal static DeviceSpec DeviceSpec(JsonMembers of) => new()
    {
        Type = of.Text("type") ?? "",
        Path = of.Text("path") ?? "",
        Major = of.Int64("major") ?? 0,
        Minor = of.Int64("minor") ?? 0,
        FileMode = of.UInt32("fileMode"),
        Uid = of.UInt32("uid"),
        Gid = of.UInt32("gid"),
    };

    internal static NetDeviceSpec NetDeviceSpec(JsonMembers of) => new()
    {
        Name = of.Text("name"),
    };

    internal static IntelRdtSpec IntelRdtSpec(JsonMembers of) => new()
    {
        ClosId = of.Text("closID"),
        Schemata = of.Texts("schemata"),
        L3CacheSchema = of.Text("l3CacheSchema"),
        MemBwSchema = of.Text("memBwSchema"),
        EnableMonitoring = of.Flag("enableMonitoring"),
    };

    internal static MemoryPolicySpec MemoryPolicySpec(JsonMembers of) => new()
    {
        Mode = of.Text("mode") ?? "",
        Nodes = of.Text("nodes"),
        Flags = of.Texts("flags"),
    };

    internal static PersonalitySpec PersonalitySpec(JsonMembers of) => new()
    {
        Domain = of.Text("domain") ?? "",
        Flags = of.Texts("flags"),
    };

    internal static TimeOffset TimeOffset(JsonMembers of) => new()
    {
        Secs = of.Int64("secs") ?? 0,
        Nanosecs = of.UInt32("nanosecs") ?? 0,
    };
}
