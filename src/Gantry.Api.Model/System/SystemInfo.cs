using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Answer of `GET /info`.</summary>
public sealed record SystemInfo
{
    /// <summary>Identity of this engine.</summary>
    public string ID { get; set; } = "";

    /// <summary>Containers in all.</summary>
    public int Containers { get; set; }

    /// <summary>Running ones.</summary>
    public int ContainersRunning { get; set; }

    /// <summary>Paused ones.</summary>
    public int ContainersPaused { get; set; }

    /// <summary>Stopped ones.</summary>
    public int ContainersStopped { get; set; }

    /// <summary>Images.</summary>
    public int Images { get; set; }

    /// <summary>Storage driver.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Facts of the storage driver, name and value.</summary>
    public IReadOnlyList<IReadOnlyList<string>> DriverStatus { get; set => field = value ?? []; } = [];

    /// <summary>Drivers there are.</summary>
    public PluginsInfo Plugins { get; set => field = value ?? new(); } = new();

    /// <summary>Whether memory can be limited.</summary>
    public bool MemoryLimit { get; set; }

    /// <summary>Whether swap can be limited.</summary>
    public bool SwapLimit { get; set; }

    /// <summary>Whether TCP buffers of the kernel can be limited; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? KernelMemoryTCP { get; set; }

    /// <summary>Whether the CFS period can be set.</summary>
    public bool CpuCfsPeriod { get; set; }

    /// <summary>Whether the CFS quota can be set.</summary>
    public bool CpuCfsQuota { get; set; }

    /// <summary>Whether CPU weights can be set.</summary>
    public bool CPUShares { get; set; }

    /// <summary>Whether CPUs can be chosen.</summary>
    public bool CPUSet { get; set; }

    /// <summary>Whether tasks can be limited.</summary>
    public bool PidsLimit { get; set; }

    /// <summary>Whether the host forwards IPv4.</summary>
    public bool IPv4Forwarding { get; set; }

    /// <summary>Whether the engine is in debug mode.</summary>
    public bool Debug { get; set; }

    /// <summary>Descriptors in use; debug mode only.</summary>
    public int NFd { get; set; }

    /// <summary>Whether the OOM killer can be switched off.</summary>
    public bool OomKillDisable { get; set; }

    /// <summary>Threads in use; debug mode only.</summary>
    public int NGoroutines { get; set; }

    /// <summary>The time.</summary>
    public string SystemTime { get; set; } = "";

    /// <summary>Default log driver.</summary>
    public string LoggingDriver { get; set; } = "";

    /// <summary>`cgroupfs`, `systemd` or `none`.</summary>
    public string CgroupDriver { get; set; } = "";

    /// <summary>`1` or `2`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CgroupVersion { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Clients that listen to events.</summary>
    public int NEventsListener { get; set; }

    /// <summary>Kernel release.</summary>
    public string KernelVersion { get; set; } = "";

    /// <summary>Name of the distribution.</summary>
    public string OperatingSystem { get; set; } = "";

    /// <summary>Its version.</summary>
    public string OSVersion { get; set; } = "";

    /// <summary>`linux`.</summary>
    public string OSType { get; set; } = "";

    /// <summary>CPU architecture, in the kernel's names.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>Address of the default registry's index.</summary>
    public string IndexServerAddress { get; set; } = "";

    /// <summary>How registries are reached.</summary>
    public RegistryServiceConfig RegistryConfig { get; set => field = value ?? new(); } = new();

    /// <summary>CPUs.</summary>
    public int NCPU { get; set; }

    /// <summary>Memory, bytes.</summary>
    public long MemTotal { get; set; }

    /// <summary>Swarm: always null.</summary>
    public IReadOnlyList<string>? GenericResources { get; set; }

    /// <summary>Folder of durable state.</summary>
    public string DockerRootDir { get; set; } = "";

    /// <summary>Proxy for HTTP.</summary>
    public string HttpProxy { get; set; } = "";

    /// <summary>Proxy for HTTPS.</summary>
    public string HttpsProxy { get; set; } = "";

    /// <summary>Hosts reached without a proxy.</summary>
    public string NoProxy { get; set; } = "";

    /// <summary>Host name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Labels of the engine.</summary>
    public IReadOnlyList<string> Labels { get; set => field = value ?? []; } = [];

    /// <summary>Whether experimental features are on.</summary>
    public bool ExperimentalBuild { get; set; }

    /// <summary>Version of the engine.</summary>
    public string ServerVersion { get; set; } = "";

    /// <summary>OCI runtimes.</summary>
    public IReadOnlyDictionary<string, RuntimeInfo> Runtimes { get; set => field = value ?? new Dictionary<string, RuntimeInfo>(); } =
        new Dictionary<string, RuntimeInfo>();

    /// <summary>The one used when none is named.</summary>
    public string DefaultRuntime { get; set; } = "";

    /// <summary>State of the swarm.</summary>
    public SwarmInfo Swarm { get; set => field = value ?? new(); } = new();

    /// <summary>Whether containers outlive the daemon.</summary>
    public bool LiveRestoreEnabled { get; set; }

    /// <summary>Windows only.</summary>
    public string Isolation { get; set; } = "";

    /// <summary>The small init.</summary>
    public string InitBinary { get; set; } = "";

    /// <summary>Not used; empty.</summary>
    public CommitInfo ContainerdCommit { get; set => field = value ?? new(); } = new();

    /// <summary>Commit of the default runtime.</summary>
    public CommitInfo RuncCommit { get; set => field = value ?? new(); } = new();

    /// <summary>Commit of the small init.</summary>
    public CommitInfo InitCommit { get; set => field = value ?? new(); } = new();

    /// <summary>Security features in force, such as `name=seccomp,profile=builtin`.</summary>
    public IReadOnlyList<string> SecurityOptions { get; set => field = value ?? []; } = [];

    /// <summary>Licence text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProductLicense { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Pools that new networks take subnets from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AddressPool>? DefaultAddressPools { get; set; }

    /// <summary>What filters packets; from 1.49.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FirewallInfo? FirewallBackend { get; set; }

    /// <summary>Folders of CDI specifications.</summary>
    public IReadOnlyList<string> CDISpecDirs { get; set => field = value ?? []; } = [];

    /// <summary>What is not as it should be.</summary>
    public IReadOnlyList<string>? Warnings { get; set; }
}

/// <summary>Drivers there are, by kind.</summary>
public sealed record PluginsInfo
{
    /// <summary>Volume drivers.</summary>
    public IReadOnlyList<string> Volume { get; set => field = value ?? []; } = [];

    /// <summary>Network drivers.</summary>
    public IReadOnlyList<string> Network { get; set => field = value ?? []; } = [];

    /// <summary>Authorization plugins.</summary>
    public IReadOnlyList<string>? Authorization { get; set; }

    /// <summary>Log drivers.</summary>
    public IReadOnlyList<string> Log { get; set => field = value ?? []; } = [];
}

/// <summary>How registries are reached.</summary>
public sealed record RegistryServiceConfig
{
    /// <summary>Networks reached without TLS.</summary>
    public IReadOnlyList<string> InsecureRegistryCIDRs { get; set => field = value ?? []; } = [];

    /// <summary>Registries by name.</summary>
    public IReadOnlyDictionary<string, IndexInfo> IndexConfigs { get; set => field = value ?? new Dictionary<string, IndexInfo>(); } =
        new Dictionary<string, IndexInfo>();

    /// <summary>Mirrors of Docker Hub.</summary>
    public IReadOnlyList<string>? Mirrors { get; set; }
}

/// <summary>One registry.</summary>
public sealed record IndexInfo
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its mirrors.</summary>
    public IReadOnlyList<string> Mirrors { get; set => field = value ?? []; } = [];

    /// <summary>Whether TLS is required.</summary>
    public bool Secure { get; set; }

    /// <summary>Whether it is Docker Hub.</summary>
    public bool Official { get; set; }
}

/// <summary>An OCI runtime.</summary>
public sealed record RuntimeInfo
{
    /// <summary>Its binary.</summary>
    [JsonPropertyName("path")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Arguments given each time.</summary>
    [JsonPropertyName("runtimeArgs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? RuntimeArgs { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Facts of the runtime.</summary>
    [JsonPropertyName("status")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Status { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>State of the swarm; always inactive here.</summary>
public sealed record SwarmInfo
{
    /// <summary>Node.</summary>
    public string NodeID { get; set; } = "";

    /// <summary>Address of the node.</summary>
    public string NodeAddr { get; set; } = "";

    /// <summary>`inactive`.</summary>
    public string LocalNodeState { get; set; } = "";

    /// <summary>Whether this is a manager.</summary>
    public bool ControlAvailable { get; set; }

    /// <summary>Why joining failed.</summary>
    public string Error { get; set; } = "";

    /// <summary>Managers.</summary>
    public IReadOnlyList<string>? RemoteManagers { get; set; }
}

/// <summary>A commit.</summary>
public sealed record CommitInfo
{
    /// <summary>Its hash or version.</summary>
    public string ID { get; set; } = "";
}

/// <summary>A pool of subnets.</summary>
public sealed record AddressPool
{
    /// <summary>The whole range, CIDR.</summary>
    public string Base { get; set; } = "";

    /// <summary>Prefix length of each subnet.</summary>
    public int Size { get; set; }
}

/// <summary>What filters packets.</summary>
public sealed record FirewallInfo
{
    /// <summary>`nftables`, `iptables` or `none`.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Facts, name and value.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<string>>? Info { get; set; }
}
