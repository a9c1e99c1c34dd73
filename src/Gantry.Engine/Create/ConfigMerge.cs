using Gantry.Api.Model;
using Gantry.Engine.Health;
using Gantry.Oci.Images;

namespace Gantry.Engine.Create;

/// <summary>Fills in what the user left open from the image's configuration, and the rest with docker's defaults.</summary>
internal static class ConfigMerge
{
    private const int HostnameLength = 12;
    private const long NoLimit = -1;

    /// <summary>Paths of /proc and /sys that are hidden: they tell or change what belongs to the host.</summary>
    private static readonly string[] s_maskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] s_readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>The container's configuration with the image's in its gaps.</summary>
    public static ContainerConfig Config(string id, ContainerConfig user, ImageRunConfig? image, bool sharesHostName)
    {
        var result = user with
        {
            Hostname = user.Hostname.Length > 0 ? user.Hostname : sharesHostName ? Environment.MachineName : id[..HostnameLength],
            WorkingDir = user.WorkingDir.TrimEnd('/') is { Length: > 0 } folder ? MountTarget.Clean(folder) : user.WorkingDir.Length > 0 ? "/" : "",
        };
        if (image is null)
            return result;

        var takesCommand = user.Entrypoint is null && user.Cmd is not { Count: > 0 };
        return result with
        {
            User = user.User.Length > 0 ? user.User : image.User ?? "",
            WorkingDir = result.WorkingDir.Length > 0 ? result.WorkingDir : image.WorkingDir ?? "",
            // An entrypoint of the user's takes the place of the image's command as well.
            Entrypoint = StringOrList.Of(user.Entrypoint is null ? image.Entrypoint : NoneIfEmpty(user.Entrypoint)),
            Cmd = takesCommand ? StringOrList.Of(image.Cmd) : user.Cmd,
            Env = Environments(image.Env, user.Env),
            Labels = Union(image.Labels, user.Labels) ?? new Dictionary<string, string>(),
            ExposedPorts = Union(image.ExposedPorts?.ToDictionary(p => p.Key, _ => new Api.Model.EmptyObject()), user.ExposedPorts),
            Volumes = Union(image.Volumes?.ToDictionary(p => p.Key, _ => new Api.Model.EmptyObject()), user.Volumes) is { Count: > 0 } volumes ? volumes : null,
            StopSignal = user.StopSignal ?? image.StopSignal,
            StopTimeout = user.StopTimeout ?? image.StopTimeout,
            Shell = user.Shell ?? StringOrList.Of(image.Shell),
            OnBuild = user.OnBuild ?? image.OnBuild,
            Healthcheck = HealthCheck.Merge(user.Healthcheck, image.Healthcheck),
        };
    }

    /// <summary>The host configuration with docker's defaults in its gaps.</summary>
    public static HostConfig Host(HostConfig user, bool cgroupsAreVersion2, string defaultNetwork, ContainerDefaults defaults) => user with
    {
        NetworkMode = user.NetworkMode is "" or "default" ? defaultNetwork : user.NetworkMode,
        IpcMode = user.IpcMode.Length > 0 ? user.IpcMode : defaults.IpcMode,
        CgroupnsMode = user.CgroupnsMode.Length > 0 ? user.CgroupnsMode : defaults.CgroupNamespace.Length > 0 ? defaults.CgroupNamespace
            : cgroupsAreVersion2 && !user.Privileged ? "private" : "host",
        ShmSize = user.ShmSize > 0 ? user.ShmSize : defaults.ShmBytes,
        Runtime = user.Runtime ?? "gantry",
        // It is one of Windows: the client is told that it is dropped.
        CpuPercent = 0,
        // Clients write "no limit" as a number; docker keeps it as nothing.
        PidsLimit = user.PidsLimit is <= 0 ? null : user.PidsLimit,
        // As much swap again as memory, unless said otherwise; above half of what a number holds there is no limit to tell.
        MemorySwap = user is { MemorySwap: 0, Memory: > 0 } ? user.Memory <= long.MaxValue / 2 ? user.Memory * 2 : NoLimit : user.MemorySwap,
        OomKillDisable = user.OomKillDisable ?? (cgroupsAreVersion2 ? null : false),
        MemorySwappiness = user.MemorySwappiness is -1 ? null : user.MemorySwappiness,
        // The daemon's options go with its driver alone.
        LogConfig = user.LogConfig.Type.Length > 0 && user.LogConfig.Type != defaults.Log.Type
            ? user.LogConfig
            : new LogConfig { Type = defaults.Log.Type, Config = Union(defaults.Log.Config, user.LogConfig.Config) ?? new Dictionary<string, string>() },
        // On networks of users links belong to the endpoints.
        Links = user.NetworkMode is "" or "default" || user.NetworkMode == defaultNetwork ? user.Links : null,
        // Who sees the host's processes is kept from them by no label.
        SecurityOpt = user.SecurityOpt is null && (user.Privileged || user.PidMode == "host" || user.IpcMode == "host") ? ["label=disable"] : user.SecurityOpt,
        RestartPolicy = user.RestartPolicy.Name.Length > 0 ? user.RestartPolicy : user.RestartPolicy with { Name = "no" },
        MaskedPaths = user.MaskedPaths ?? (user.Privileged ? null : s_maskedPaths),
        ReadonlyPaths = user.ReadonlyPaths ?? (user.Privileged ? null : s_readonlyPaths),
    };

    private static IReadOnlyList<string>? NoneIfEmpty(IReadOnlyList<string> entrypoint) =>
        entrypoint is [] or [""] ? null : entrypoint;

    private static IReadOnlyList<string>? Environments(IReadOnlyList<string>? image, IReadOnlyList<string>? user)
    {
        var names = (user ?? []).Select(NameOf).ToHashSet();
        return image is null && user is null ? null : [.. user ?? [], .. (image ?? []).Where(e => !names.Contains(NameOf(e)))];
    }

    private static string NameOf(string entry) => entry.IndexOf('=') is >= 0 and var at ? entry[..at] : entry;

    private static IReadOnlyDictionary<string, T>? Union<T>(IReadOnlyDictionary<string, T>? image, IReadOnlyDictionary<string, T>? user)
    {
        if (image is null)
            return user;
        var result = new Dictionary<string, T>(image);
        foreach (var (key, value) in user ?? new Dictionary<string, T>())
            result[key] = value;
        return result;
    }
}
