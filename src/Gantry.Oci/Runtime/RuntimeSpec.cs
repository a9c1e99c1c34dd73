namespace Gantry.Oci.Runtime;

/// <summary>
/// A bundle's <c>config.json</c> (OCI runtime-spec 1.2, Linux). Absent members are null. Values of the specification's enumerations
/// stay strings: a value this version does not know is refused where it would be used, with its name.
/// </summary>
public sealed record RuntimeSpec
{
    /// <summary>The version of the specification the document follows, e.g. <c>1.2.1</c>.</summary>
    public string? OciVersion { get; init; }

    /// <summary>The process to run. A container without one can be created, but not started.</summary>
    public ProcessSpec? Process { get; init; }

    /// <summary>The root filesystem.</summary>
    public RootSpec? Root { get; init; }

    /// <summary>The host name in the container's uts namespace.</summary>
    public string? Hostname { get; init; }

    /// <summary>The NIS domain name in the container's uts namespace.</summary>
    public string? Domainname { get; init; }

    /// <summary>Mounts beside the root, made in this order.</summary>
    public IReadOnlyList<MountSpec>? Mounts { get; init; }

    /// <summary>Programs run at points of the container's life.</summary>
    public HooksSpec? Hooks { get; init; }

    /// <summary>Free key and value pairs.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>What only Linux has.</summary>
    public LinuxSpec? Linux { get; init; }
}

/// <summary>The root filesystem (config.md, "Root").</summary>
public sealed record RootSpec
{
    /// <summary>Its folder; relative to the bundle when not absolute.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether the root is mounted read-only.</summary>
    public bool Readonly { get; init; }
}

/// <summary>One mount (config.md, "Mounts").</summary>
public sealed record MountSpec
{
    /// <summary>Where in the container, an absolute path there.</summary>
    public string Destination { get; init; } = "";

    /// <summary>The filesystem's type, or <c>bind</c>; null where an option says <c>bind</c> or <c>rbind</c>.</summary>
    public string? Type { get; init; }

    /// <summary>What is mounted: a path (relative to the bundle when not absolute) or a name.</summary>
    public string? Source { get; init; }

    /// <summary>Options as mount(8) has them, and those that runtime-spec adds (<c>rro</c>, <c>idmap</c>, <c>tmpcopyup</c> ...).</summary>
    public IReadOnlyList<string>? Options { get; init; }

    /// <summary>How user IDs of the source appear in the container (an idmapped mount).</summary>
    public IReadOnlyList<IdMapping>? UidMappings { get; init; }

    /// <summary>How group IDs of the source appear in the container (an idmapped mount).</summary>
    public IReadOnlyList<IdMapping>? GidMappings { get; init; }
}

/// <summary>A range of IDs of a user namespace.</summary>
/// <param name="ContainerID">The first ID inside.</param>
/// <param name="HostID">The first ID outside.</param>
/// <param name="Size">How many.</param>
public sealed record IdMapping(uint ContainerID, uint HostID, uint Size);

/// <summary>Programs run at points of the container's life (config.md, "POSIX-platform Hooks").</summary>
public sealed record HooksSpec
{
    /// <summary>In the runtime's namespaces, after the namespaces are made and before pivot_root. Deprecated by the specification.</summary>
    public IReadOnlyList<HookSpec>? Prestart { get; init; }

    /// <summary>In the runtime's namespaces, after the namespaces are made and before pivot_root.</summary>
    public IReadOnlyList<HookSpec>? CreateRuntime { get; init; }

    /// <summary>In the container's namespaces (but its binary from the runtime's), before pivot_root.</summary>
    public IReadOnlyList<HookSpec>? CreateContainer { get; init; }

    /// <summary>In the container, before the user's process is executed.</summary>
    public IReadOnlyList<HookSpec>? StartContainer { get; init; }

    /// <summary>In the runtime's namespaces, after the user's process has started.</summary>
    public IReadOnlyList<HookSpec>? Poststart { get; init; }

    /// <summary>In the runtime's namespaces, after the container was deleted.</summary>
    public IReadOnlyList<HookSpec>? Poststop { get; init; }
}

/// <summary>One hook: a program that reads the container's state as JSON from its standard input.</summary>
public sealed record HookSpec
{
    /// <summary>Absolute path of the program.</summary>
    public string Path { get; init; } = "";

    /// <summary>Its argument vector, with argument 0; null: the path alone.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>Its whole environment, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>Seconds after which it is killed and has failed; null: never.</summary>
    public int? Timeout { get; init; }
}
