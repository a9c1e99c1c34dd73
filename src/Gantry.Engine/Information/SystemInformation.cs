using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs;
using Gantry.Images;
using Gantry.Runtime.Cgroups;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Information;

/// <summary>What the engine tells of itself and its host.</summary>
public sealed class SystemInformation
{
    /// <summary>The newest version of the Engine API that is spoken.</summary>
    public const string ApiVersion = "1.56";

    /// <summary>The oldest one.</summary>
    public const string MinimumApiVersion = "1.24";

    /// <summary>The version of this engine.</summary>
    public static string EngineVersion => EngineIdentity.Version;

    private readonly ContainerRegistry _registry;
    private readonly ImageStore _images;
    private readonly ISnapshotter _snapshots;
    private readonly CgroupHost _cgroups;
    private readonly EngineIdentity _identity;
    private readonly TimeProvider _clock;
    private volatile EngineSettings _settings;

    internal SystemInformation(
        ContainerRegistry registry, ImageStore images, ISnapshotter snapshots, CgroupHost cgroups, EngineIdentity identity, EngineSettings settings,
        TimeProvider clock)
    {
        _registry = registry;
        _images = images;
        _snapshots = snapshots;
        _cgroups = cgroups;
        _identity = identity;
        _settings = settings;
        _clock = clock;
    }

    /// <summary>What the daemon is set to now; set when it has read its settings anew.</summary>
    public EngineSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>The engine's ID.</summary>
    public string Id => _identity.Id;

    /// <summary>Versions (Engine API, <c>GET /version</c>).</summary>
    public SystemVersion Version()
    {
        var kernel = Kernel();
        return new SystemVersion
        {
            Platform = new PlatformName { Name = "Gantry Engine" },
            Version = EngineIdentity.Version,
            ApiVersion = ApiVersion,
            MinAPIVersion = MinimumApiVersion,
            GitCommit = EngineIdentity.Commit,
            GoVersion = RuntimeInformation.FrameworkDescription,
            Os = "linux",
            Arch = Architecture(),
            KernelVersion = kernel,
            BuildTime = null,
            Components =
            [
                new VersionComponent
                {
                    Name = "Engine",
                    Version = EngineIdentity.Version,
                    Details = new Dictionary<string, string>
                    {
                        ["ApiVersion"] = ApiVersion,
                        ["Arch"] = Architecture(),
                        ["GitCommit"] = EngineIdentity.Commit,
                        ["GoVersion"] = RuntimeInformation.FrameworkDescription,
                        ["KernelVersion"] = kernel,
                        ["MinAPIVersion"] = MinimumApiVersion,
                        ["Os"] = "linux",
                    },
                },
            ],
        };
    }

    /// <summary>What <c>docker info</c> shows (Engine API, <c>GET /info</c>).</summary>
    public SystemInfo Info()
    {
        var containers = _registry.List();
        var can = _cgroups.Capabilities;
        return new SystemInfo
        {
            ID = _identity.Id,
            Containers = containers.Count,
            ContainersRunning = containers.Count(c => c.State.Status is ContainerStatus.Running),
            ContainersPaused = containers.Count(c => c.State.Status is ContainerStatus.Paused),
            ContainersStopped = containers.Count(c => !c.State.IsRunning),
            Images = _images.Images.Count,
            Driver = _snapshots.Name,
            DriverStatus = [["Backing Filesystem", _snapshots.BackingFileSystem]],
            Plugins = new PluginsInfo { Volume = ["local"], Network = ["bridge", "host", "ipvlan", "macvlan", "null"], Log = LogOptions.Drivers },
            MemoryLimit = can.MemoryLimit,
            SwapLimit = can.SwapLimit,
            CpuCfsPeriod = can.CpuQuota,
            CpuCfsQuota = can.CpuQuota,
            CPUShares = can.CpuShares,
            CPUSet = can.CpuSet,
            PidsLimit = can.PidsLimit,
            OomKillDisable = can.OomKillDisable,
            IPv4Forwarding = ReadNumber("/proc/sys/net/ipv4/ip_forward") == 1,
            NFd = _settings.Debug ? OpenFiles() : 0,
            NGoroutines = _settings.Debug ? ThreadPool.ThreadCount : 0,
            NEventsListener = 0,
            SystemTime = _clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
            LoggingDriver = _settings.LoggingDriver,
            CgroupDriver = "cgroupfs",
            CgroupVersion = _cgroups.Layout == CgroupLayout.Unified ? "2" : "1",
            KernelVersion = Kernel(),
            OperatingSystem = OsRelease("PRETTY_NAME") ?? "Linux",
            OSVersion = OsRelease("VERSION_ID") ?? "",
            OSType = "linux",
            Architecture = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64",
            IndexServerAddress = "https://index.docker.io/v1/",
            NCPU = Environment.ProcessorCount,
            MemTotal = MemoryTotal(),
            DockerRootDir = _identity.Root,
            Name = Environment.MachineName,
            ServerVersion = EngineIdentity.Version,
            Runtimes = new Dictionary<string, RuntimeInfo> { ["gantry"] = new() { Path = "gantry-runtime" }, ["runc"] = new() { Path = "gantry-runtime" } },
            DefaultRuntime = "gantry",
            Swarm = new SwarmInfo { LocalNodeState = "inactive" },
            LiveRestoreEnabled = _settings.LiveRestore,
            Debug = _settings.Debug,
            Labels = _settings.Labels,
            RegistryConfig = Registries(),
            SecurityOptions = [.. SecurityOptions()],
            CDISpecDirs = _settings.DeviceFolders,
            Warnings = can.SwapLimit ? null : ["WARNING: No swap limit support"],
        };
    }

    private IEnumerable<string> SecurityOptions()
    {
        yield return $"name=seccomp,profile={_settings.SeccompProfile}";
        if (_settings.NoNewPrivileges)
            yield return "name=no-new-privileges";
        if (_cgroups.Layout == CgroupLayout.Unified)
            yield return "name=cgroupns";
    }

    private RegistryServiceConfig Registries()
    {
        var hosts = _settings.InsecureRegistries.Where(static registry => !registry.Contains('/', StringComparison.Ordinal)).ToList();
        string[] loopback = ["::1/128", "127.0.0.0/8"]; // Never with TLS unless they have it, as with docker.
        var hub = new IndexInfo { Name = "docker.io", Mirrors = _settings.RegistryMirrors, Secure = true, Official = true };
        return new RegistryServiceConfig
        {
            InsecureRegistryCIDRs = [.. loopback, .. _settings.InsecureRegistries.Except(hosts).Except(loopback)],
            Mirrors = _settings.RegistryMirrors.Count > 0 ? _settings.RegistryMirrors : null,
            IndexConfigs = hosts.Select(static host => new IndexInfo { Name = host }).Prepend(hub).DistinctBy(static index => index.Name)
                .ToDictionary(static index => index.Name),
        };
    }

    // As docker's, only while debugging: to count thousands of descriptors takes longer than all the rest.
    private static int OpenFiles() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static string Kernel() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    private static string Architecture() =>
        RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    internal static long MemoryTotal() => 1024 * long.Parse(
        File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private static int ReadNumber(string path) =>
        File.Exists(path) && int.TryParse(File.ReadAllText(path), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string? OsRelease(string key)
    {
        const string Path = "/etc/os-release";
        return File.Exists(Path)
            ? File.ReadLines(Path).FirstOrDefault(l => l.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..].Trim('"')
            : null;
    }
}
