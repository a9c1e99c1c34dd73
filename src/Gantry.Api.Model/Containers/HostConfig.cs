using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>How a container is tied to its host: mounts, networks, limits, security, logging.</summary>
public sealed record HostConfig : ContainerResources
{
    /// <summary>Bind mounts and volumes, `source:target[:options]`.</summary>
    public IReadOnlyList<string>? Binds { get; set; }

    /// <summary>File on the client that got the ID (kept for `inspect`).</summary>
    public string ContainerIDFile { get; set; } = "";

    /// <summary>Where output is logged.</summary>
    public LogConfig LogConfig { get; set => field = value ?? new(); } = new();

    /// <summary>`bridge`, `host`, `none`, `container:ID` or the name of a network; `default` or empty: the engine's default.</summary>
    public string NetworkMode { get; set; } = "";

    /// <summary>Published ports by `port/protocol`.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? PortBindings { get; set; }

    /// <summary>What happens when the process ends.</summary>
    public RestartPolicy RestartPolicy { get; set => field = value ?? new(); } = new();

    /// <summary>Whether the container is removed when its process ends.</summary>
    public bool AutoRemove { get; set; }

    /// <summary>Driver of volumes made from <see cref="Binds"/>.</summary>
    public string VolumeDriver { get; set; } = "";

    /// <summary>Containers whose mounts are taken over, `container[:ro|rw]`.</summary>
    public IReadOnlyList<string>? VolumesFrom { get; set; }

    /// <summary>First size of the terminal: rows, columns.</summary>
    public IReadOnlyList<int> ConsoleSize { get; set => field = value is { Count: 2 } ? value : [.. (value ?? []).Concat([0, 0]).Take(2)]; } = [0, 0];

    /// <summary>Annotations that go to the runtime.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Annotations { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Capabilities beyond the default ones.</summary>
    public StringOrList? CapAdd { get; set; }

    /// <summary>Capabilities taken away.</summary>
    public StringOrList? CapDrop { get; set; }

    /// <summary>`private` or `host`; empty: private on cgroup v2, host on v1.</summary>
    public string CgroupnsMode { get; set; } = "";

    /// <summary>Name servers.</summary>
    public IReadOnlyList<string>? Dns { get; set; }

    /// <summary>Options line of resolv.conf.</summary>
    public IReadOnlyList<string>? DnsOptions { get; set; }

    /// <summary>Search domains.</summary>
    public IReadOnlyList<string>? DnsSearch { get; set; }

    /// <summary>Further lines of /etc/hosts, `name:address`.</summary>
    public IReadOnlyList<string>? ExtraHosts { get; set; }

    /// <summary>Additional groups of the process.</summary>
    public IReadOnlyList<string>? GroupAdd { get; set; }

    /// <summary>`none`, `private`, `shareable`, `host` or `container:ID`.</summary>
    public string IpcMode { get; set; } = "";

    /// <summary>A cgroup to join, `container:ID` (not used by today's clients).</summary>
    public string Cgroup { get; set; } = "";

    /// <summary>Links to other containers, `container:alias`.</summary>
    public IReadOnlyList<string>? Links { get; set; }

    /// <summary>Bias of the OOM killer, -1000 to 1000.</summary>
    public int OomScoreAdj { get; set; }

    /// <summary>`host` or `container:ID`; empty: private.</summary>
    public string PidMode { get; set; } = "";

    /// <summary>Whether the process has all capabilities and devices and no filters.</summary>
    public bool Privileged { get; set; }

    /// <summary>Whether each exposed port is published on a port of the engine's choice.</summary>
    public bool PublishAllPorts { get; set; }

    /// <summary>Whether the root file system is read-only.</summary>
    public bool ReadonlyRootfs { get; set; }

    /// <summary>Security options, such as `seccomp=unconfined`, `no-new-privileges`.</summary>
    public IReadOnlyList<string>? SecurityOpt { get; set; }

    /// <summary>Options of the storage driver, such as `size`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? StorageOpt { get; set => field = OmitEmpty.Of(value); }

    /// <summary>tmpfs mounts: path to mount options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Tmpfs { get; set => field = OmitEmpty.Of(value); }

    /// <summary>`host`; empty: private.</summary>
    public string UTSMode { get; set; } = "";

    /// <summary>`host`; empty: as the engine is configured.</summary>
    public string UsernsMode { get; set; } = "";

    /// <summary>Size of /dev/shm, bytes; 0: 64 MiB.</summary>
    public long ShmSize { get; set; }

    /// <summary>Kernel parameters of the container's namespaces.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Sysctls { get; set => field = OmitEmpty.Of(value); }

    /// <summary>The OCI runtime; null: the engine's default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Runtime { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Windows only: isolation technology.</summary>
    public string Isolation { get; set; } = "";

    /// <summary>Mounts in the long form.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Mount>? Mounts { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Paths hidden from the process; null: docker's default, empty: none.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<string>? MaskedPaths { get; set; }

    /// <summary>Paths that are read-only; null: docker's default, empty: none.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<string>? ReadonlyPaths { get; set; }

    /// <summary>Whether a small init runs as PID 1; null: the engine's default.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Init { get; set; }
}

/// <summary>Log driver and its options.</summary>
public sealed record LogConfig
{
    /// <summary>Driver, such as `json-file`, `none`; empty: the engine's default.</summary>
    public string Type { get; set; } = "";

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Config { get; set; }
}

/// <summary>A host address and port that lead to a container's port.</summary>
public sealed record PortBinding
{
    /// <summary>Address on the host; empty: all.</summary>
    public string HostIp { get; set; } = "";

    /// <summary>Port or range on the host; empty: one of the engine's choice.</summary>
    public string HostPort { get; set; } = "";
}

/// <summary>What happens when a container's process ends.</summary>
public sealed record RestartPolicy
{
    /// <summary>`no` (or empty), `always`, `unless-stopped`, `on-failure`.</summary>
    public string Name { get; set; } = "";

    /// <summary>Greatest number of restarts of `on-failure`; 0: no limit.</summary>
    public int MaximumRetryCount { get; set; }
}
