using System.Text.Json.Serialization;

namespace Gantry.Oci.Runtime;

/// <summary>The Linux part of a container's configuration (config-linux.md).</summary>
public sealed record LinuxSpec
{
    /// <summary>Namespaces to create, or to join where a path is given; those not listed are the runtime's own.</summary>
    public IReadOnlyList<NamespaceSpec>? Namespaces { get; init; }

    /// <summary>The user namespace's map of user IDs.</summary>
    public IReadOnlyList<IdMapping>? UidMappings { get; init; }

    /// <summary>The user namespace's map of group IDs.</summary>
    public IReadOnlyList<IdMapping>? GidMappings { get; init; }

    /// <summary>Devices beside the default ones.</summary>
    public IReadOnlyList<DeviceSpec>? Devices { get; init; }

    /// <summary>Network devices to move into the container, by their name outside.</summary>
    public IReadOnlyDictionary<string, NetDeviceSpec>? NetDevices { get; init; }

    /// <summary>The path of the container's cgroup under the hierarchies' mount points; relative: the runtime decides where.</summary>
    public string? CgroupsPath { get; init; }

    /// <summary>The cgroup's limits.</summary>
    public LinuxResources? Resources { get; init; }

    /// <summary>The propagation of the root mount: <c>private</c>, <c>shared</c>, <c>slave</c> or <c>unbindable</c>.</summary>
    public string? RootfsPropagation { get; init; }

    /// <summary>The filter of system calls.</summary>
    public LinuxSeccomp? Seccomp { get; init; }

    /// <summary>Kernel parameters, e.g. <c>net.ipv4.ip_forward</c>.</summary>
    public IReadOnlyDictionary<string, string>? Sysctl { get; init; }

    /// <summary>Paths made unreadable.</summary>
    public IReadOnlyList<string>? MaskedPaths { get; init; }

    /// <summary>Paths made read-only.</summary>
    public IReadOnlyList<string>? ReadonlyPaths { get; init; }

    /// <summary>The SELinux label of the mounts.</summary>
    public string? MountLabel { get; init; }

    /// <summary>Intel Resource Director Technology.</summary>
    public IntelRdtSpec? IntelRdt { get; init; }

    /// <summary>The NUMA memory policy (set_mempolicy(2)).</summary>
    public MemoryPolicySpec? MemoryPolicy { get; init; }

    /// <summary>The execution domain (personality(2)).</summary>
    public PersonalitySpec? Personality { get; init; }

    /// <summary>Offsets of the time namespace's clocks: <c>monotonic</c>, <c>boottime</c>.</summary>
    public IReadOnlyDictionary<string, TimeOffset>? TimeOffsets { get; init; }
}

/// <summary>One namespace.</summary>
/// <param name="Type"><c>mount</c>, <c>pid</c>, <c>network</c>, <c>uts</c>, <c>ipc</c>, <c>user</c>, <c>cgroup</c> or <c>time</c>.</param>
/// <param name="Path">An existing one to join; null: a new one.</param>
public sealed record NamespaceSpec(string Type, string? Path = null);

/// <summary>A device node in the container.</summary>
public sealed record DeviceSpec
{
    /// <summary><c>c</c> or <c>u</c> (character), <c>b</c> (block) or <c>p</c> (FIFO).</summary>
    public string Type { get; init; } = "";

    /// <summary>Where in the container.</summary>
    public string Path { get; init; } = "";

    /// <summary>The major number.</summary>
    public long Major { get; init; }

    /// <summary>The minor number.</summary>
    public long Minor { get; init; }

    /// <summary>The permission bits; null: 0666.</summary>
    public uint? FileMode { get; init; }

    /// <summary>The owner; null: 0.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group; null: 0.</summary>
    public uint? Gid { get; init; }
}

/// <summary>A network device that is moved into the container.</summary>
public sealed record NetDeviceSpec
{
    /// <summary>Its name inside; null: unchanged.</summary>
    public string? Name { get; init; }
}

/// <summary>Intel Resource Director Technology (config-linux.md, "IntelRdt").</summary>
public sealed record IntelRdtSpec
{
    /// <summary>The class of service.</summary>
    [JsonPropertyName("closID")]
    public string? ClosId { get; init; }

    /// <summary>Lines for the <c>schemata</c> file.</summary>
    public IReadOnlyList<string>? Schemata { get; init; }

    /// <summary>The schema of the L3 cache.</summary>
    public string? L3CacheSchema { get; init; }

    /// <summary>The schema of the memory bandwidth.</summary>
    public string? MemBwSchema { get; init; }

    /// <summary>Whether a monitoring group is made.</summary>
    public bool? EnableMonitoring { get; init; }
}

/// <summary>The NUMA memory policy.</summary>
public sealed record MemoryPolicySpec
{
    /// <summary>E.g. <c>MPOL_BIND</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Nodes, e.g. <c>0-1</c>.</summary>
    public string? Nodes { get; init; }

    /// <summary>E.g. <c>MPOL_F_STATIC_NODES</c>.</summary>
    public IReadOnlyList<string>? Flags { get; init; }
}

/// <summary>The execution domain.</summary>
public sealed record PersonalitySpec
{
    /// <summary><c>LINUX</c> or <c>LINUX32</c>.</summary>
    public string Domain { get; init; } = "";

    /// <summary>None are defined by the specification.</summary>
    public IReadOnlyList<string>? Flags { get; init; }
}

/// <summary>An offset of a clock.</summary>
public sealed record TimeOffset
{
    /// <summary>Whole seconds.</summary>
    public long Secs { get; init; }

    /// <summary>Nanoseconds beside them.</summary>
    public uint Nanosecs { get; init; }
}
