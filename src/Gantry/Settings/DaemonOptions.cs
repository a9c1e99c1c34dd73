using System.Net;
using Gantry.Api.Hosting;
using Gantry.Build.Cache;
using Gantry.Cli.Flags;
using Gantry.Engine;
using Gantry.Engine.Information;
using Gantry.Engine.Networks;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Registry.Client.Hosts;
using Microsoft.Extensions.Logging;

namespace Gantry.Settings;

/// <summary>The flags of <c>gantry daemon</c>; names of docker's are taken too.</summary>
internal sealed class DaemonOptions
{
    private const string DefaultHost = "unix:///run/gantry/gantry.sock";

    private const int HelpWidth = 100;

    private static readonly TimeSpan s_longestKeeping = TimeSpan.FromDays(3650);

    public required string Root { get; init; }

    public required string Run { get; init; }

    public required IReadOnlyList<ListenAddress> Hosts { get; init; }

    public string? Group { get; init; }

    public string? StorageDriver { get; init; }

    public string? PidFile { get; init; }

    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    public IReadOnlyList<string> CertificateFolders { get; init; } = [];

    /// <summary>How registries are reached.</summary>
    public RegistryHostOptions RegistryHosts => new()
    {
        InsecureRegistries = InsecureRegistries,
        RegistryMirrors = RegistryMirrors,
        Folders = CertificateFolders,
    };

    public int ConcurrentDownloads { get; init; }

    public int ConcurrentUploads { get; init; }

    /// <summary>How often a request to a registry is made before it counts as failed.</summary>
    public int DownloadAttempts { get; init; }

    public TimeSpan KeepPartial { get; init; }

    /// <summary>Networks.</summary>
    public required NetworkSettings Networks { get; init; }

    /// <summary>What containers have in common on this host.</summary>
    public required HostSettings Host { get; init; }

    public ContainerDefaults Defaults { get; init; } = new();

    /// <summary>What can change while the daemon runs.</summary>
    public EngineSettings Settings { get; init; } = new();

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Whether messages are JSON, one a line.</summary>
    public bool LogsJson { get; init; }

    public IPEndPoint? Metrics { get; init; }

    public ServerTls? Tls { get; init; }

    /// <summary>How long containers have to end when the daemon does and takes them with it.</summary>
    public TimeSpan ShutdownTimeout { get; init; }

    /// <summary>Whether the settings are only to be checked.</summary>
    public bool Validate { get; init; }

    /// <summary>Reads the flags and the file of settings; null when help was asked for and given.</summary>
    /// <exception cref="UsageException">A flag is unknown or malformed.</exception>
    public static DaemonOptions? Parse(string[] arguments)
    {
        var flags = new FlagSet();
        var file = flags.String("config-file", "File of settings, docker's daemon.json (default /etc/gantry/daemon.json if it is there)");
        var validate = flags.Bool("validate", "Check flags and settings, and quit");
        var defaults = new DefaultFlags(flags);
        var networks = new NetworkFlags(flags);
        var logging = new LoggingFlags(flags);
        var security = new TlsFlags(flags);
        var labels = flags.List("label", "Label of the engine, key=value");
        var liveRestore = flags.Add(new BoolFlag("live-restore", '\0', "Let containers run on when the daemon ends (default true)") { Value = true });
        var shutdown = flags.Int("shutdown-timeout", "Seconds that containers have to end when the daemon does, without live-restore; -1: for ever", 15);
        var metrics = flags.String("metrics-addr", "Address of /metrics for Prometheus, e.g. 127.0.0.1:9323");
        var hosts = flags.List("host", 'H', "Socket to listen on: unix://PATH, tcp://ADDRESS:PORT or fd://");
        var sockets = flags.List("socket", "Further socket with less rights: ADDRESS,policy=read-only|project:NAME|verbs:OBJECT.ACTION+...[,group=GROUP]");
        var root = flags.String("root", "Folder of images, volumes and containers", "/var/lib/gantry");
        var dataRoot = flags.String("data-root", "The same as --root, by docker's name");
        var run = flags.String("run", "Folder of runtime state", "/run/gantry");
        var execRoot = flags.String("exec-root", "The same as --run, by docker's name");
        var group = flags.String("group", 'G', "Group that may use the unix socket");
        var driver = flags.String("storage-driver", 's', "Storage driver: overlay or vfs");
        var registries = new RegistryFlags(flags);
        var pidFile = flags.String("pidfile", 'p', "File to write the daemon's process id to");
        var rest = flags.Parse(arguments);
        if (flags.HelpRequested)
        {
            Console.Out.Write($"Usage:  gantry daemon [OPTIONS]\n\nRun the engine\n\nOptions:\n{FlagHelp.Format(flags.Flags, HelpWidth)}");
            return null;
        }

        if (rest.Count > 0)
            throw new UsageException($"gantry daemon takes no arguments: {rest[0]}");
        var cache = SettingsFile(file) is { } path ? DaemonFile.Apply(path, flags) : new CacheCollection();
        return new DaemonOptions
        {
            Defaults = defaults.Read(),
            Networks = networks.Read(),
            Host = defaults.ReadHost(),
            Settings = new EngineSettings
            {
                Labels = Labels(labels.Values),
                BuildCache = cache,
                Debug = logging.Level <= LogLevel.Debug,
                LiveRestore = liveRestore.Value,
                InsecureRegistries = registries.Insecure,
                RegistryMirrors = registries.Mirrors,
                LoggingDriver = defaults.Read().Log.Type,
                SeccompProfile = defaults.ProfileName,
                DeviceFolders = defaults.DeviceFolders,
                NoNewPrivileges = defaults.Read().NoNewPrivileges,
            },
            LogLevel = logging.Level,
            LogsJson = logging.IsJson,
            Metrics = MetricsAddress(metrics.Value),
            Tls = security.Read(),
            ShutdownTimeout = shutdown.Value < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(shutdown.Value),
            Validate = validate.Value,
            Root = dataRoot.Value.Length > 0 ? dataRoot.Value : root.Value,
            Run = execRoot.Value.Length > 0 ? execRoot.Value : run.Value,
            Hosts = [.. (hosts.Values.Count > 0 ? hosts.Values : [DefaultHost]).Select(ListenAddress.Parse),
                .. sockets.Values.Select(ListenAddress.ParseSocket)],
            Group = NoneIfEmpty(group.Value),
            // Docker's name of it.
            StorageDriver = driver.Value is "overlay2" or "overlayfs" ? "overlay" : NoneIfEmpty(driver.Value),
            PidFile = NoneIfEmpty(pidFile.Value),
            InsecureRegistries = registries.Insecure,
            RegistryMirrors = registries.Mirrors,
            CertificateFolders = registries.CertificateFolders,
            ConcurrentDownloads = registries.ConcurrentDownloads,
            ConcurrentUploads = registries.ConcurrentUploads,
            DownloadAttempts = registries.DownloadAttempts,
            KeepPartial = registries.KeepPartial,
        };
    }

    private static string? SettingsFile(ValueFlag<string> flag)
    {
        const string Usual = "/etc/gantry/daemon.json";
        return flag.Changed ? File.Exists(flag.Value) ? flag.Value
                : throw new UsageException($"unable to configure the Docker daemon with file {flag.Value}: open {flag.Value}: no such file or directory")
            : File.Exists(Usual) ? Usual : null;
    }

    private static IReadOnlyList<string> Labels(IReadOnlyList<string> labels)
    {
        foreach (var label in labels)
        {
            if (label.IndexOf('=') < 1)
                throw new UsageException($"bad attribute format: {label}");
        }
        var twice = labels.GroupBy(static label => label.Split('=')[0]).FirstOrDefault(static group => group.Distinct().Count() > 1);
        return twice is null ? labels : throw new UsageException($"conflict labels for {twice.Key}={string.Join(" and ", twice)}");
    }

    private static IPEndPoint? MetricsAddress(string text) =>
        text.Length == 0 ? null
        : IPEndPoint.TryParse(text.StartsWith(':') ? "0.0.0.0" + text : text.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out var address)
            && address.Port > 0 ? address
        : throw new UsageException($"invalid --metrics-addr \"{text}\": an IP address and a port, such as 127.0.0.1:9323");

    /// <summary>How long something is kept.</summary>
    /// <exception cref="FormatException">It is no such time.</exception>
    internal static TimeSpan ParseKeeping(string text) =>
        FilterTime.TryParseDuration(text, out var duration) && duration >= TimeSpan.Zero && duration <= s_longestKeeping
            ? duration
            : throw new FormatException($"give a duration between 0 and {s_longestKeeping.TotalHours}h, such as 24h or 30m");

    private static string? NoneIfEmpty(string text) => text.Length > 0 ? text : null;
}
