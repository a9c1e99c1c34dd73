using System.Text.Json.Serialization;

namespace Gantry.Oci.Runtime;

/// <summary>What a runtime can do, as <c>features</c> prints it (features.md).</summary>
public sealed record RuntimeFeatures
{
    /// <summary>The oldest version of the specification that is understood.</summary>
    public required string OciVersionMin { get; init; }

    /// <summary>The newest one.</summary>
    public required string OciVersionMax { get; init; }

    /// <summary>Names of the hooks.</summary>
    public IReadOnlyList<string>? Hooks { get; init; }

    /// <summary>Options of mounts that are understood.</summary>
    public IReadOnlyList<string>? MountOptions { get; init; }

    /// <summary>What only Linux has.</summary>
    public LinuxFeatures? Linux { get; init; }

    /// <summary>Free key and value pairs.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Annotations of a config.json that may change what the runtime does on the host.</summary>
    public IReadOnlyList<string>? PotentiallyUnsafeConfigAnnotations { get; init; }
}

/// <summary>What a runtime can do on Linux (features-linux.md).</summary>
public sealed record LinuxFeatures
{
    /// <summary>Types of namespaces.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>Names of capabilities.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Kinds of cgroups.</summary>
    public CgroupFeatures? Cgroup { get; init; }

    /// <summary>Filters of system calls.</summary>
    public SeccompFeatures? Seccomp { get; init; }

    /// <summary>AppArmor.</summary>
    public FeatureFlag? Apparmor { get; init; }

    /// <summary>SELinux.</summary>
    public FeatureFlag? Selinux { get; init; }

    /// <summary>Intel RDT.</summary>
    public FeatureFlag? IntelRdt { get; init; }

    /// <summary>Extensions of mounts.</summary>
    public MountExtensionFeatures? MountExtensions { get; init; }

    /// <summary>Moving network devices.</summary>
    public FeatureFlag? NetDevices { get; init; }
}

/// <summary>Whether a feature is there.</summary>
/// <param name="Enabled">It is.</param>
public sealed record FeatureFlag(bool Enabled);

/// <summary>Kinds of cgroups.</summary>
public sealed record CgroupFeatures
{
    /// <summary>Version 1.</summary>
    [JsonPropertyName("v1")]
    public bool V1 { get; init; }

    /// <summary>Version 2.</summary>
    [JsonPropertyName("v2")]
    public bool V2 { get; init; }

    /// <summary>By way of systemd.</summary>
    public bool Systemd { get; init; }

    /// <summary>By way of a user's systemd.</summary>
    public bool SystemdUser { get; init; }

    /// <summary>The rdma controller.</summary>
    public bool Rdma { get; init; }
}

/// <summary>Filters of system calls.</summary>
public sealed record SeccompFeatures
{
    /// <summary>Whether there are any.</summary>
    public bool Enabled { get; init; }

    /// <summary>Actions.</summary>
    public IReadOnlyList<string>? Actions { get; init; }

    /// <summary>Operators of conditions.</summary>
    public IReadOnlyList<string>? Operators { get; init; }

    /// <summary>Architectures.</summary>
    public IReadOnlyList<string>? Archs { get; init; }

    /// <summary>Flags whose names are understood.</summary>
    public IReadOnlyList<string>? KnownFlags { get; init; }

    /// <summary>Flags that work.</summary>
    public IReadOnlyList<string>? SupportedFlags { get; init; }
}

/// <summary>Extensions of mounts.</summary>
/// <param name="Idmap">Idmapped mounts.</param>
public sealed record MountExtensionFeatures(FeatureFlag Idmap);
