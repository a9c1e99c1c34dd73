using Gantry.Api.Model;

namespace Gantry.Engine;

/// <summary>What the containers of an engine have that do not say otherwise.</summary>
public sealed record ContainerDefaults
{
    /// <summary>The logging driver and its options.</summary>
    public LogConfig Log { get; init; } = new() { Type = "json-file", Config = new Dictionary<string, string>() };

    /// <summary>The size of /dev/shm, in bytes.</summary>
    public long ShmBytes { get; init; } = 64 << 20;

    /// <summary>Resource limits, beside those of a container.</summary>
    public IReadOnlyList<Ulimit> Ulimits { get; init; } = [];

    /// <summary>Whether no process gets more privileges than the one it came from.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>How processes of different containers see each other's memory: <c>private</c>, <c>shareable</c>.</summary>
    public string IpcMode { get; init; } = "private";

    /// <summary>The cgroup namespace: <c>private</c> or <c>host</c>; "": private where there is only version 2.</summary>
    public string CgroupNamespace { get; init; } = "";

    /// <summary>The filter of system calls, in docker's JSON; null: the built-in one; "": none.</summary>
    public string? SeccompProfile { get; init; }

    /// <summary>Name servers; none: the host's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>Options of resolvers.</summary>
    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    /// <summary>Domains in which names are looked for.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];
}
