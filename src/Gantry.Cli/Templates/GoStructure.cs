namespace Gantry.Cli.Templates;

/// <summary>A field of a Go structure.</summary>
/// <param name="Name">Its name in Go, by which templates know it.</param>
/// <param name="Json">Its name in the document.</param>
/// <param name="Type">What it is.</param>
/// <param name="IsEmbedded">Whether it is a structure whose fields are also the outer one's, and stand beside them in the document.</param>
internal sealed record GoField(string Name, string Json, GoType Type, bool IsEmbedded);

/// <summary>
/// A structure into which docker's client reads a document before a template sees it. Templates were written for these: they know fields by Go's names,
/// and print structures as their values in Go's order.
/// </summary>
/// <param name="name">Go's name of it, with its package.</param>
/// <param name="fields">Its fields, in Go's order.</param>
internal sealed class GoStructure(string name, IReadOnlyList<GoField> fields)
{
    // Of API 1.51. Each field: NAME, NAME/JSON-NAME or +EMBEDDED, and its type.
    private static readonly Dictionary<string, string> s_declarations = new(StringComparer.Ordinal)
    {
        ["container.InspectResponse"] = """
            +ContainerBase container.ContainerJSONBase, Mounts []container.MountPoint, Config *container.Config, NetworkSettings *container.NetworkSettings, ImageManifestDescriptor *v1.Descriptor
            """,
        ["container.ContainerJSONBase"] = """
            ID/Id string, Created string, Path string, Args []string, State *container.State, Image string, ResolvConfPath string, HostnamePath string, HostsPath string,
            LogPath string, Name string, RestartCount int, Driver string, Platform string, MountLabel string, ProcessLabel string, AppArmorProfile string,
            ExecIDs []string, HostConfig *container.HostConfig, GraphDriver storage.DriverData, SizeRw *int64, SizeRootFs *int64
            """,
        ["container.State"] = """
            Status string, Running bool, Paused bool, Restarting bool, OOMKilled bool, Dead bool, Pid int, ExitCode int, Error string, StartedAt string,
            FinishedAt string, Health *container.Health
            """,
        ["container.Health"] = "Status string, FailingStreak int, Log []*container.HealthcheckResult",
        ["container.HealthcheckResult"] = "Start time.Time, End time.Time, ExitCode int, Output string",
        ["storage.DriverData"] = "Data map[string]string, Name string",
        ["container.MountPoint"] =
            "Type mount.Type=string, Name string, Source string, Destination string, Driver string, Mode string, RW bool, Propagation mount.Propagation=string",
        ["container.Config"] = """
            Hostname string, Domainname string, User string, AttachStdin bool, AttachStdout bool, AttachStderr bool, ExposedPorts nat.PortSet=map[nat.Port]struct{}, Tty bool,
            OpenStdin bool, StdinOnce bool, Env []string, Cmd strslice.StrSlice=[]string, Healthcheck *v1.HealthcheckConfig, ArgsEscaped bool, Image string, Volumes map[string]struct{},
            WorkingDir string, Entrypoint strslice.StrSlice=[]string, NetworkDisabled bool, MacAddress string, OnBuild []string, Labels map[string]string, StopSignal string,
            StopTimeout *int, Shell strslice.StrSlice=[]string
            """,
        ["v1.HealthcheckConfig"] = """
            Test []string, Interval time.Duration, Timeout time.Duration, StartPeriod time.Duration, StartInterval time.Duration, Retries int
            """,
        ["container.HostConfig"] = """
            Binds []string, ContainerIDFile string, LogConfig container.LogConfig, NetworkMode container.NetworkMode=string, PortBindings nat.PortMap=map[nat.Port][]nat.PortBinding, RestartPolicy container.RestartPolicy,
            AutoRemove bool, VolumeDriver string, VolumesFrom []string, ConsoleSize [2]uint=[]uint, Annotations map[string]string, CapAdd strslice.StrSlice=[]string, CapDrop strslice.StrSlice=[]string,
            CgroupnsMode container.CgroupnsMode=string, DNS/Dns []string, DNSOptions/DnsOptions []string, DNSSearch/DnsSearch []string, ExtraHosts []string, GroupAdd []string,
            IpcMode container.IpcMode=string, Cgroup container.CgroupSpec=string, Links []string, OomScoreAdj int, PidMode container.PidMode=string, Privileged bool, PublishAllPorts bool, ReadonlyRootfs bool,
            SecurityOpt []string, StorageOpt map[string]string, Tmpfs map[string]string, UTSMode container.UTSMode=string, UsernsMode container.UsernsMode=string, ShmSize int64,
            Sysctls map[string]string, Runtime string, Isolation container.Isolation=string, +Resources container.Resources, Mounts []mount.Mount=any, MaskedPaths []string, ReadonlyPaths []string, Init *bool
            """,
        ["container.LogConfig"] = "Type string, Config map[string]string",
        ["nat.PortBinding"] = "HostIP/HostIp string, HostPort string",
        ["container.RestartPolicy"] = "Name container.RestartPolicyMode=string, MaximumRetryCount int",
        ["container.Resources"] = """
            CPUShares/CpuShares int64, Memory int64, NanoCPUs/NanoCpus int64, CgroupParent string, BlkioWeight uint16, BlkioWeightDevice []*blkiodev.WeightDevice=any,
            BlkioDeviceReadBps []*blkiodev.ThrottleDevice=any,
            BlkioDeviceWriteBps []*blkiodev.ThrottleDevice=any, BlkioDeviceReadIOps []*blkiodev.ThrottleDevice=any,
            BlkioDeviceWriteIOps []*blkiodev.ThrottleDevice=any, CPUPeriod/CpuPeriod int64, CPUQuota/CpuQuota int64,
            CPURealtimePeriod/CpuRealtimePeriod int64, CPURealtimeRuntime/CpuRealtimeRuntime int64, CpusetCpus string, CpusetMems string, Devices []container.DeviceMapping,
            DeviceCgroupRules []string, DeviceRequests []container.DeviceRequest, KernelMemory int64, KernelMemoryTCP int64, MemoryReservation int64, MemorySwap int64,
            MemorySwappiness *int64, OomKillDisable *bool, PidsLimit *int64, Ulimits []Ulimit, CPUCount/CpuCount int64, CPUPercent/CpuPercent int64,
            IOMaximumIOps uint64, IOMaximumBandwidth uint64
            """,
        ["container.DeviceMapping"] = "PathOnHost string, PathInContainer string, CgroupPermissions string",
        ["container.DeviceRequest"] = "Driver string, Count int, DeviceIDs []string, Capabilities [][]string, Options map[string]string",
        ["container.NetworkSettings"] =
            "+NetworkSettingsBase container.NetworkSettingsBase, +DefaultNetworkSettings container.DefaultNetworkSettings, Networks map[string]*network.EndpointSettings",
        ["container.NetworkSettingsBase"] = """
            Bridge string, SandboxID string, SandboxKey string, Ports nat.PortMap=map[nat.Port][]nat.PortBinding, HairpinMode bool, LinkLocalIPv6Address string,
            LinkLocalIPv6PrefixLen int, SecondaryIPAddresses []network.Address=any, SecondaryIPv6Addresses []network.Address=any
            """,
        ["container.DefaultNetworkSettings"] = """
            EndpointID string, Gateway string, GlobalIPv6Address string, GlobalIPv6PrefixLen int, IPAddress string, IPPrefixLen int, IPv6Gateway string,
            MacAddress string
            """,
        ["network.EndpointSettings"] = """
            IPAMConfig *network.EndpointIPAMConfig, Links []string, Aliases []string, MacAddress string, DriverOpts map[string]string, GwPriority int, NetworkID string,
            EndpointID string, Gateway string, IPAddress string, IPPrefixLen int, IPv6Gateway string, GlobalIPv6Address string, GlobalIPv6PrefixLen int,
            DNSNames []string
            """,
        ["network.EndpointIPAMConfig"] = "IPv4Address string, IPv6Address string, LinkLocalIPs []string",
        ["v1.Descriptor"] = """
            MediaType/mediaType string, Digest/digest digest.Digest=string, Size/size int64, URLs/urls []string, Annotations/annotations map[string]string, Data/data any,
            Platform/platform *v1.Platform, ArtifactType/artifactType string
            """,
        ["v1.Platform"] =
            "Architecture/architecture string, OS/os string, OSVersion/os.version string, OSFeatures/os.features []string, Variant/variant string",
        ["image.InspectResponse"] = """
            ID/Id string, RepoTags []string, RepoDigests []string, Parent string, Comment string, Created string, Container string,
            ContainerConfig *container.Config, DockerVersion string, Author string, Config *v1.DockerOCIImageConfig, Architecture string, Variant string, Os string,
            OsVersion string, Size int64, VirtualSize int64, GraphDriver storage.DriverData, RootFS image.RootFS, Metadata image.Metadata, Descriptor *v1.Descriptor, Manifests []any
            """,
        ["v1.DockerOCIImageConfig"] = "+OciImageConfig v1.ImageConfig, +DockerImageConfig v1.DockerOCIImageConfigExt",
        ["v1.ImageConfig"] = """
            User string, ExposedPorts map[string]struct{}, Env []string, Entrypoint []string, Cmd []string, Volumes map[string]struct{}, WorkingDir string,
            Labels map[string]string, StopSignal string, ArgsEscaped bool
            """,
        ["v1.DockerOCIImageConfigExt"] = "Healthcheck *v1.HealthcheckConfig, OnBuild []string, Shell []string",
        ["image.RootFS"] = "Type string, Layers []string",
        ["image.Metadata"] = "LastTagTime time.Time",
        ["network.Inspect"] = """
            Name string, ID/Id string, Created time.Time, Scope string, Driver string, EnableIPv4 bool, EnableIPv6 bool, IPAM network.IPAM, Internal bool,
            Attachable bool, Ingress bool, ConfigFrom network.ConfigReference, ConfigOnly bool, Containers map[string]network.EndpointResource, Options map[string]string,
            Labels map[string]string, Peers []any, Services map[string]any
            """,
        ["network.IPAM"] = "Driver string, Options map[string]string, Config []network.IPAMConfig",
        ["network.IPAMConfig"] = "Subnet string, IPRange string, Gateway string, AuxAddress/AuxiliaryAddresses map[string]string",
        ["network.ConfigReference"] = "Network string",
        ["network.EndpointResource"] = "Name string, EndpointID string, MacAddress string, IPv4Address string, IPv6Address string",
        ["volume.Volume"] = """
            ClusterVolume *any, CreatedAt string, Driver string, Labels map[string]string, Mountpoint string, Name string, Options map[string]string, Scope string,
            Status map[string]any, UsageData *volume.UsageData
            """,
        ["system.versionInfo"] = "Client system.clientVersion, Server *types.Version",
        ["system.clientVersion"] = """
            Platform *system.platformInfo, Version string, APIVersion/ApiVersion string, DefaultAPIVersion string, GitCommit string, GoVersion string, Os string,
            Arch string, BuildTime string, Context string
            """,
        ["system.dockerInfo"] = "+Info system.Info, ServerErrors []string, UserName string, ClientInfo *system.clientInfo, ClientErrors []string",
        ["system.clientInfo"] = "Debug bool, +clientVersion system.clientVersion, Plugins []any, Warnings []string",
        ["system.Info"] = """
            ID string, Containers int, ContainersRunning int, ContainersPaused int, ContainersStopped int, Images int, Driver string, DriverStatus [][]string,
            SystemStatus [][]string, Plugins system.PluginsInfo, MemoryLimit bool, SwapLimit bool, KernelMemory bool, KernelMemoryTCP bool,
            CPUCfsPeriod/CpuCfsPeriod bool, CPUCfsQuota/CpuCfsQuota bool, CPUShares bool, CPUSet bool, PidsLimit bool, IPv4Forwarding bool, Debug bool, NFd int,
            OomKillDisable bool, NGoroutines int, SystemTime string, LoggingDriver string, CgroupDriver string, CgroupVersion string, NEventsListener int,
            KernelVersion string, OperatingSystem string, OSVersion string, OSType string, Architecture string, IndexServerAddress string, RegistryConfig *any,
            NCPU int, MemTotal int64, GenericResources []any, DockerRootDir string, HTTPProxy/HttpProxy string, HTTPSProxy/HttpsProxy string, NoProxy string,
            Name string, Labels []string, ExperimentalBuild bool, ServerVersion string, Runtimes map[string]any, DefaultRuntime string, Swarm swarm.Info,
            LiveRestoreEnabled bool, Isolation string, InitBinary string, ContainerdCommit system.Commit, RuncCommit system.Commit, InitCommit system.Commit,
            SecurityOptions []string, ProductLicense string, DefaultAddressPools []system.NetworkAddressPool, FirewallBackend *any, CDISpecDirs []string,
            DiscoveredDevices []any, Containerd *any, Warnings []string
            """,
        ["system.PluginsInfo"] = "Volume []string, Network []string, Authorization []string, Log []string",
        ["system.Commit"] = "ID string",
        ["system.NetworkAddressPool"] = "Base string, Size int",
        ["swarm.Info"] = """
            NodeID string, NodeAddr string, LocalNodeState string, ControlAvailable bool, Error string, RemoteManagers []any, Nodes int, Managers int,
            Cluster *any, Warnings []string
            """,
        ["system.platformInfo"] = "Name string",
        ["types.Version"] = """
            Platform system.platformInfo, Components []types.ComponentVersion, Version string, APIVersion/ApiVersion string, MinAPIVersion string, GitCommit string,
            GoVersion string, Os string, Arch string, KernelVersion string, Experimental bool, BuildTime string
            """,
        ["types.ComponentVersion"] = "Name string, Version string, Details map[string]string",
        ["events.Message"] = """
            Status/status string, ID/id string, From/from string, Type string, Action string, Actor events.Actor, Scope/scope string, Time/time int64,
            TimeNano/timeNano int64
            """,
        ["events.Actor"] = "ID string, Attributes map[string]string",
        ["volume.UsageData"] = "RefCount int64, Size int64",
    };

    private static readonly Dictionary<string, GoStructure> s_read = new(StringComparer.Ordinal);

    /// <summary>Go's name of it, with its package.</summary>
    public string Name { get; } = name;

    /// <summary>Its fields, in Go's order.</summary>
    public IReadOnlyList<GoField> Fields { get; } = fields;

    /// <summary>The structure of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static GoStructure Get(string name)
    {
        lock (s_read)
        {
            if (!s_read.TryGetValue(name, out var structure))
                s_read[name] = structure = new GoStructure(name, [.. s_declarations[name].Split(',', StringSplitOptions.TrimEntries).Select(ReadField)]);
            return structure;
        }
    }

    private static GoField ReadField(string declaration)
    {
        var space = declaration.IndexOf(' ', StringComparison.Ordinal);
        var names = declaration[..space].TrimStart('+').Split('/', 2);
        return new GoField(names[0], names[^1], GoType.Parse(declaration[(space + 1)..]), declaration[0] == '+');
    }
}
