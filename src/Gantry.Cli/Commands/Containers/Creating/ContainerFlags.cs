using Gantry.Api.Model;
using Gantry.Cli.Commands.Registries;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The flags that <c>run</c> and <c>create</c> share: they describe the container.</summary>
internal sealed class ContainerFlags
{
    public ContainerFlags(FlagSet flags)
    {
        flags.Interspersed = false;
        AddIdentity(flags);
        AddNetwork(flags);
        AddHealth(flags);
        AddFiles(flags);
    }

    // Identity and process.
    public MapFlag Annotations { get; private set; } = null!;
    public ListFlag<string> Attach { get; private set; } = null!;
    public ValueFlag<string> CidFile { get; private set; } = null!;
    public ValueFlag<string> Domainname { get; private set; } = null!;
    public ValueFlag<string> Entrypoint { get; private set; } = null!;
    public ListFlag<string> Env { get; private set; } = null!;
    public ListFlag<string> EnvFile { get; private set; } = null!;
    public ListFlag<DeviceRequest> Gpus { get; private set; } = null!;
    public ListFlag<string> GroupAdd { get; private set; } = null!;
    public ValueFlag<string> Hostname { get; private set; } = null!;
    public BoolFlag Init { get; private set; } = null!;
    public BoolFlag Interactive { get; private set; } = null!;
    public ListFlag<string> Label { get; private set; } = null!;
    public ListFlag<string> LabelFile { get; private set; } = null!;
    public ValueFlag<string> Name { get; private set; } = null!;
    public ValueFlag<string> Platform { get; private set; } = null!;
    public ValueFlag<string> Pull { get; private set; } = null!;
    public BoolFlag Quiet { get; private set; } = null!;
    public ContentTrust Trust { get; private set; } = null!;
    public ValueFlag<string> Restart { get; private set; } = null!;
    public BoolFlag Remove { get; private set; } = null!;
    public ValueFlag<string> Runtime { get; private set; } = null!;
    public ValueFlag<string> StopSignal { get; private set; } = null!;
    public ValueFlag<long> StopTimeout { get; private set; } = null!;
    public BoolFlag Tty { get; private set; } = null!;
    public BoolFlag UseApiSocket { get; private set; } = null!;
    public ValueFlag<string> User { get; private set; } = null!;
    public ValueFlag<string> Workdir { get; private set; } = null!;

    // Namespaces and privileges.
    public NamespaceFlags Namespaces { get; private set; } = null!;

    // Limits.
    public ResourceFlags Resources { get; private set; } = null!;

    // Network.
    public ListFlag<string> AddHost { get; private set; } = null!;
    public ListFlag<string> Dns { get; private set; } = null!;
    public ListFlag<string> DnsOption { get; private set; } = null!;
    public ListFlag<string> DnsSearch { get; private set; } = null!;
    public ListFlag<string> Expose { get; private set; } = null!;
    public ValueFlag<string> Ip { get; private set; } = null!;
    public ValueFlag<string> Ip6 { get; private set; } = null!;
    public ListFlag<string> Link { get; private set; } = null!;
    public ListFlag<string> LinkLocalIp { get; private set; } = null!;
    public ValueFlag<string> MacAddress { get; private set; } = null!;
    public ListFlag<NetworkAttachment> Network { get; private set; } = null!;
    public ListFlag<string> NetworkAlias { get; private set; } = null!;
    public ListFlag<string> Publish { get; private set; } = null!;
    public BoolFlag PublishAll { get; private set; } = null!;

    // Health.
    public ValueFlag<string> HealthCmd { get; private set; } = null!;
    public ValueFlag<long> HealthInterval { get; private set; } = null!;
    public ValueFlag<string> HealthOnFailure { get; private set; } = null!;
    public ValueFlag<long> HealthRetries { get; private set; } = null!;
    public ValueFlag<long> HealthStartInterval { get; private set; } = null!;
    public ValueFlag<long> HealthStartPeriod { get; private set; } = null!;
    public ValueFlag<long> HealthTimeout { get; private set; } = null!;
    public BoolFlag NoHealthcheck { get; private set; } = null!;

    // Files and logs.
    public ValueFlag<string> LogDriver { get; private set; } = null!;
    public ListFlag<string> LogOpt { get; private set; } = null!;
    public ListFlag<Mount> Mount { get; private set; } = null!;
    public BoolFlag ReadOnly { get; private set; } = null!;
    public ValueFlag<long> ShmSize { get; private set; } = null!;
    public ListFlag<string> StorageOpt { get; private set; } = null!;
    public ListFlag<string> Tmpfs { get; private set; } = null!;
    public ListFlag<string> Volume { get; private set; } = null!;
    public ValueFlag<string> VolumeDriver { get; private set; } = null!;
    public ListFlag<string> VolumesFrom { get; private set; } = null!;

    private void AddIdentity(FlagSet flags)
    {
        Annotations = flags.Map("annotation", '\0', "Annotation of the container, handed to the OCI runtime");
        Attach = flags.List("attach", 'a', "Attach to STDIN, STDOUT or STDERR", FlagChecks.AttachedStream);
        CidFile = flags.String("cidfile", "Write the container ID to a file");
        Domainname = flags.String("domainname", "NIS domain name in the container");
        Entrypoint = flags.String("entrypoint", "Program to run instead of the image's ENTRYPOINT");
        Env = flags.List("env", 'e', "Set environment variables", FlagChecks.Environment);
        EnvFile = flags.List("env-file", "Read environment variables from a file");
        Gpus = flags.Add(new ListFlag<DeviceRequest>("gpus", '\0', "gpu-request", "GPUs for the container (\"all\" for every one)", GpuParser.Parse));
        GroupAdd = flags.List("group-add", "Additional group of the process");
        Hostname = flags.String("hostname", 'h', "Host name in the container");
        Init = flags.Bool("init", "Run an init as process 1, which forwards signals and reaps");
        Interactive = flags.Bool("interactive", 'i', "Keep STDIN open even if not attached");
        Label = flags.List("label", 'l', "Label of the container", FlagChecks.Label);
        LabelFile = flags.List("label-file", "Read labels from a file, one a line");
        Name = flags.String("name", "Name of the container");
        Platform = flags.String("platform", "Platform of the image (os/arch[/variant])");
        Pull = flags.String("pull", "When to fetch the image (\"always\", \"missing\", \"never\")", "missing");
        Quiet = flags.Bool("quiet", 'q', "Suppress the pull output");
        Trust = new ContentTrust(flags);
        Restart = flags.String("restart", "When to start the container again after it ended", "no");
        Remove = flags.Bool("rm", "Remove the container and its anonymous volumes when it ends");
        Runtime = flags.String("runtime", "OCI runtime of this container");
        StopSignal = flags.String("stop-signal", "Signal that asks the container to end");
        StopTimeout = flags.Int("stop-timeout", "Seconds until it is killed");
        Tty = flags.Bool("tty", 't', "Allocate a pseudo-TTY");
        UseApiSocket = flags.Bool("use-api-socket", "Give the engine's socket and the user's registry credentials to the container");
        User = flags.String("user", 'u', "User and group (<name|uid>[:<group|gid>])");
        Workdir = flags.String("workdir", 'w', "Working directory in the container");
        Namespaces = new NamespaceFlags(flags);
        Resources = new ResourceFlags(flags);
        foreach (var name in (ReadOnlySpan<string>)["cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops"])
            flags.Add(new WindowsOnlyFlag(name));
    }

    private void AddNetwork(FlagSet flags)
    {
        AddHost = flags.List("add-host", "Name and address for /etc/hosts (host:ip)", FlagChecks.ExtraHost);
        Dns = flags.List("dns", "DNS server", FlagChecks.IpAddress);
        DnsOption = flags.List("dns-option", "DNS option");
        flags.Add(new AliasFlag("dns-opt", DnsOption));
        DnsSearch = flags.List("dns-search", "DNS search domain", FlagChecks.SearchDomain);
        Expose = flags.List("expose", "Port or range of ports that the process listens on");
        Ip = flags.String("ip", "IPv4 address (e.g. 172.30.100.104)");
        Ip6 = flags.String("ip6", "IPv6 address (e.g. 2001:db8::33)");
        Link = flags.List("link", "Link to another container", FlagChecks.Link);
        LinkLocalIp = flags.List("link-local-ip", "Link-local address");
        MacAddress = flags.String("mac-address", "MAC address (e.g. 92:d0:c6:0a:29:33)");
        Network = flags.Add(new ListFlag<NetworkAttachment>("network", '\0', "network", "Network to connect to", NetworkAttachment.Parse));
        flags.Add(new AliasFlag("net", Network));
        NetworkAlias = flags.List("network-alias", "Name of the container in its network");
        flags.Add(new AliasFlag("net-alias", NetworkAlias));
        Publish = flags.List("publish", 'p', "Publish a port of the container on the host");
        PublishAll = flags.Bool("publish-all", 'P', "Publish all exposed ports on random ports");
    }

    private void AddHealth(FlagSet flags)
    {
        HealthCmd = flags.String("health-cmd", "Command that checks health");
        HealthInterval = flags.Duration("health-interval", "Time between two checks (ms|s|m|h)");
        HealthOnFailure = flags.String("health-on-failure", "What to do with an unhealthy container: none, kill, restart or stop");
        HealthRetries = flags.Int("health-retries", "Failures in a row that mean unhealthy");
        HealthStartInterval = flags.Duration("health-start-interval", "Time between two checks while starting (ms|s|m|h)");
        HealthStartPeriod = flags.Duration("health-start-period", "Time in which failures do not count (ms|s|m|h)");
        HealthTimeout = flags.Duration("health-timeout", "Most time for a check (ms|s|m|h)");
        NoHealthcheck = flags.Bool("no-healthcheck", "Disable the image's HEALTHCHECK");
    }

    private void AddFiles(FlagSet flags)
    {
        LogDriver = flags.String("log-driver", "Logging driver of the container");
        LogOpt = flags.List("log-opt", "Option of the logging driver");
        Mount = flags.Add(new ListFlag<Mount>("mount", '\0', "mount", "Attach a file system to the container", MountParser.Parse));
        ReadOnly = flags.Bool("read-only", "Mount the root file system read-only");
        ShmSize = flags.Bytes("shm-size", '\0', "Size of /dev/shm");
        StorageOpt = flags.List("storage-opt", "Option of the storage driver");
        Tmpfs = flags.List("tmpfs", "Mount a tmpfs directory");
        Volume = flags.List("volume", 'v', "Bind mount a folder or a volume");
        VolumeDriver = flags.String("volume-driver", "Volume driver of the container");
        VolumesFrom = flags.List("volumes-from", "Take over the mounts of another container");
    }
}
