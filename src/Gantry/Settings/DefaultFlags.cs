using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Engine;
using Gantry.Engine.Information;
using Gantry.Oci;
using Gantry.Runtime.Seccomp;

namespace Gantry.Settings;

/// <summary>The flags for what containers have that do not say otherwise.</summary>
internal sealed class DefaultFlags(FlagSet flags)
{
    private readonly ValueFlag<string> _driver = flags.String("log-driver", "Logging driver of containers that name none", "json-file");
    private readonly MapFlag _options = flags.Map("log-opt", '\0', "Option of that logging driver");
    private readonly ValueFlag<long> _shm = flags.Bytes("default-shm-size", '\0', "Size of /dev/shm (default 64MiB)");
    private readonly ListFlag<Ulimit> _ulimits = flags.Add(new ListFlag<Ulimit>("default-ulimit", '\0', "ulimit", "Resource limit of containers", ParseUlimit));
    private readonly BoolFlag _noNewPrivileges = flags.Bool("no-new-privileges", "Let no process of a container gain privileges");
    private readonly ValueFlag<string> _ipc = flags.String("default-ipc-mode", "IPC namespace of containers: shareable or private", "private");
    private readonly ValueFlag<string> _cgroupNamespace = flags.String(
        "default-cgroupns-mode", "Cgroup namespace of containers: host or private (default private where there is only version 2)");
    private readonly ValueFlag<string> _seccomp = flags.String(
        "seccomp-profile", "File with the filter of containers' system calls, \"builtin\" or \"unconfined\"", "builtin");
    private readonly ListFlag<string> _dns = flags.List("dns", "Name server of containers");
    private readonly ListFlag<string> _dnsOptions = flags.List("dns-opt", "Option of containers' resolvers");
    private readonly ListFlag<string> _dnsSearch = flags.List("dns-search", "Domain in which containers look for names");

    private readonly ListFlag<string> _devices = flags.List(
        "cdi-spec-dir", "Folder with vendors' descriptions of devices (CDI), the last counts most; \"\" for none (default /etc/cdi, /var/run/cdi)");
    private readonly BoolFlag _init = flags.Bool("init", "Run an init as the first process of containers that do not say");
    private readonly ValueFlag<string> _cgroupParent = flags.String("cgroup-parent", "Cgroup in which that of all containers is made", "/");
    private readonly ValueFlag<TimeSpan> _keepLogs = flags.Value(
        "keep-removed-logs", '\0', "duration", "How long logs of removed containers can be read; 0: they go with the container", DaemonOptions.ParseKeeping,
        TimeSpan.FromHours(1), "1h");
    private readonly ValueFlag<long> _logBudget = flags.Bytes(
        "log-budget", '\0', "What all logs may take of containers without max-size; 0: any amount (default a tenth of the disk, at most 10GiB)");

    /// <summary>What they say of all containers together.</summary>
    public HostSettings ReadHost() => new()
    {
        Init = _init.Value,
        CgroupRoot = CgroupPath(_cgroupParent.Value),
        KeepRemovedLogs = _keepLogs.Value,
        LogBudget = _logBudget.Changed ? _logBudget.Value : null,
    };

    /// <summary>What they say.</summary>
    public ContainerDefaults Read() => new()
    {
        Log = new LogConfig { Type = _driver.Value, Config = _options.Values },
        ShmBytes = _shm.Value > 0 ? _shm.Value : new ContainerDefaults().ShmBytes,
        Ulimits = _ulimits.Values,
        NoNewPrivileges = _noNewPrivileges.Value,
        IpcMode = OneOf("default-ipc-mode", _ipc.Value, "private", "shareable"),
        CgroupNamespace = OneOf("default-cgroupns-mode", _cgroupNamespace.Value, "", "private", "host"),
        SeccompProfile = Profile(),
        Dns = _dns.Values,
        DnsOptions = _dnsOptions.Values,
        DnsSearch = _dnsSearch.Values,
    };

    private static string OneOf(string name, string value, params ReadOnlySpan<string> known) =>
        known.Contains(value) ? value : throw new UsageException(
            $"{name}: invalid value {value}: use {string.Join(" or ", known.ToArray().Where(static text => text.Length > 0))}");

    private static string CgroupPath(string text) =>
        text.EndsWith(".slice", StringComparison.Ordinal) || text.Split('/').Contains("..")
            ? throw new UsageException(
                $"cgroup-parent: {text}: give a path below the roots of the cgroup hierarchies, such as /containers; slices are systemd's")
            : "/" + text.Trim('/');

    /// <summary>What containers' filter of system calls is called, if they say nothing of it.</summary>
    public string ProfileName => _seccomp.Value.Length > 0 ? _seccomp.Value : "builtin";

    /// <summary>Where descriptions of devices are.</summary>
    public IReadOnlyList<string> DeviceFolders =>
        _devices.Changed ? [.. _devices.Values.Where(static folder => folder.Length > 0)] : new EngineSettings().DeviceFolders;

    private string? Profile()
    {
        if (_seccomp.Value is "" or "builtin")
            return null;
        if (_seccomp.Value == "unconfined")
            return "";
        try
        {
            var text = File.ReadAllText(_seccomp.Value);
            _ = SeccompProfile.Parse(System.Text.Encoding.UTF8.GetBytes(text));
            return text;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or GantryException)
        {
            throw new UsageException($"opening seccomp profile ({_seccomp.Value}) failed: {error.Message}");
        }
    }

    private static Ulimit ParseUlimit(string text)
    {
        var (name, limits) = text.Split('=', 2) is [var first, var rest] ? (first, rest.Split(':'))
            : throw new FormatException($"invalid ulimit argument: {text}");
        if (limits.Length > 2 || !long.TryParse(limits[0], out var soft) || !long.TryParse(limits[^1].Length > 0 ? limits[^1] : limits[0], out var hard))
            throw new FormatException($"invalid ulimit argument: {text}");
        return new Ulimit { Name = name, Soft = soft, Hard = hard };
    }
}
