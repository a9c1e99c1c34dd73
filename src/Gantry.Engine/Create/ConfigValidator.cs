using System.Net;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Health;
using Gantry.Engine.Logs;
using Gantry.Engine.Networks;
using Gantry.Engine.Spec;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Engine.Create;

/// <summary>
/// Checks a configuration before anything is made of it. What Gantry does not do is refused here with its reason: nothing is taken and
/// then passed over in silence.
/// </summary>
internal static class ConfigValidator
{
    private const long MinimumMemoryBytes = 6 << 20;
    private const string UnlessGiven = "";

    private static readonly string[] s_runtimes = [UnlessGiven, "gantry", "runc", "io.containerd.runc.v2"];
    private static readonly string[] s_restartPolicies = [UnlessGiven, "no", "always", "unless-stopped", "on-failure", "unhealthy"];

    /// <exception cref="GantryException">Something is malformed (InvalidArgument) or not offered (NotImplemented).</exception>
    public static void Check(ContainerConfig config, HostConfig host, NetworkingConfig? networking)
    {
        CheckConfig(config);
        CheckModes(host);
        CheckResources(host);
        CheckRestart(host);
        CheckLog(host);
        CheckNetwork(config, host, networking);
        MountValidator.Check(config, host);
        _ = SecurityOptions.Parse(host.SecurityOpt);
        _ = Capabilities.Resolve(ulong.MaxValue, privileged: false, host.CapAdd, host.CapDrop);
        if (host.Annotations?.ContainsKey("") is true)
            throw GantryException.Invalid("invalid Annotations: the empty string is not permitted as an annotation key");
        foreach (var link in host.Links ?? [])
            _ = ContainerLinks.Parse(link);
        _ = NamedPorts.Of(config);
        if (host.Links is { Count: > 0 } && EndpointRequests.IsPassive(host.NetworkMode) && host.NetworkMode != "none")
            throw GantryException.Invalid(
                $"conflicting options: {(host.NetworkMode == "host" ? "host type networking" : "container type network")} can't be used with links. This would result in undefined behavior");
        Refuse(host.StorageOpt is { Count: > 0 }, "storage options (--storage-opt)");
        if (host.Isolation is not ("" or "default"))
            throw GantryException.Invalid($"invalid isolation ({host.Isolation}): linux only supports 'default'");
        foreach (var entry in host.ExtraHosts ?? [])
            EtcFiles.CheckExtraHost(entry);
        if (host.IOMaximumBandwidth != 0)
            throw GantryException.Invalid("invalid option: QoS maximum bandwidth configuration is not supported on linux");
        if (host.IOMaximumIOps != 0)
            throw GantryException.Invalid("invalid option: QoS maximum IOPs configuration is not supported on linux");
    }

    private static void CheckConfig(ContainerConfig config)
    {
        if (config.WorkingDir.Length > 0 && !config.WorkingDir.StartsWith('/'))
            throw GantryException.Invalid($"the working directory '{config.WorkingDir}' is invalid, it needs to be an absolute path");
        if (config.StopSignal is { } signal)
            _ = SignalNames.Parse(signal);
        foreach (var entry in config.Env ?? [])
        {
            if (entry.Length == 0 || entry[0] == '=')
                throw GantryException.Invalid($"invalid environment variable: {entry}");
        }

        HealthCheck.Validate(config.Healthcheck);
    }

    private static void CheckModes(HostConfig host)
    {
        Mode(host.PidMode, "PID", UnlessGiven, "host", "private");
        Mode(host.IpcMode, "IPC", UnlessGiven, "host", "private", "shareable", "none");
        Mode(host.UTSMode, "UTS", UnlessGiven, "host");
        if (host.CgroupnsMode is not ("" or "host" or "private"))
            throw GantryException.Invalid($"invalid cgroup namespace mode: {host.CgroupnsMode}");
        Refuse(host.UsernsMode is not ("" or "host"), $"user namespace mode \"{host.UsernsMode}\"");
        if (!s_runtimes.Contains(host.Runtime ?? UnlessGiven))
            throw GantryException.Invalid($"unknown or invalid runtime name: {host.Runtime}");
        if (host.ConsoleSize.Select(static (size, index) => (size, index)).FirstOrDefault(static side => side.size < 0) is { size: < 0 } side)
            throw GantryException.Invalid($"invalid JSON: json: cannot unmarshal number {side.size} into .HostConfig.ConsoleSize.{side.index} of type uint");
        if (host.Cgroup.Length > 0)
            throw GantryException.Invalid($"invalid cgroup: {host.Cgroup}");
    }

    private static void Mode(string mode, string kind, params ReadOnlySpan<string> allowed)
    {
        if (!allowed.Contains(mode) && !(mode.StartsWith("container:", StringComparison.Ordinal) && mode.Length > "container:".Length))
            throw GantryException.Invalid($"invalid {kind} mode: {mode}");
    }

    /// <summary>Checks what a container, or a step of a build, may use of the machine.</summary>
    /// <exception cref="GantryException">It is out of range.</exception>
    internal static void CheckResources(HostConfig host)
    {
        if (host.Memory != 0 && host.Memory < MinimumMemoryBytes)
            throw GantryException.Invalid("Minimum memory limit allowed is 6MB");
        if (host.MemoryReservation is > 0 and < MinimumMemoryBytes)
            throw GantryException.Invalid("Minimum memory reservation allowed is 6MB");
        if (host.Memory > 0 && host.MemorySwap > 0 && host.MemorySwap < host.Memory)
            throw GantryException.Invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
        if (host.Memory == 0 && host.MemorySwap > 0)
            throw GantryException.Invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
        if (host.MemorySwappiness is < -1 or > 100)
            throw GantryException.Invalid($"Invalid value: {host.MemorySwappiness}, valid memory swappiness range is 0-100");
        if (host.Memory > 0 && host.MemoryReservation > host.Memory)
            throw GantryException.Invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
        if (host.NanoCpus > 0 && (host.CpuPeriod > 0 || host.CpuQuota > 0))
            throw GantryException.Invalid($"Conflicting options: Nano CPUs and CPU {(host.CpuPeriod > 0 ? "Period" : "Quota")} cannot both be set");
        if (host.CpuShares < 0)
            throw GantryException.Invalid($"invalid CPU shares ({host.CpuShares}): value must be a positive integer");
        ProcessorSet.Check("CPUs", "cpuset cpus", host.CpusetCpus, ProcessorSet.OnlineCpus);
        ProcessorSet.Check("memory nodes", "cpuset mems", host.CpusetMems, ProcessorSet.OnlineNodes);
        if (host.NanoCpus < 0 || host.NanoCpus > Environment.ProcessorCount * 1_000_000_000L)
            throw GantryException.Invalid(
                $"range of CPUs is from 0.01 to {Environment.ProcessorCount}.00, as there are only {Environment.ProcessorCount} CPUs available");
        if (host.CpuPeriod is not 0 and (< 1000 or > 1_000_000))
            throw GantryException.Invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        if (host.CpuQuota is > 0 and < 1000)
            throw GantryException.Invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        if (host.BlkioWeight is not 0 and (< 10 or > 1000))
            throw GantryException.Invalid("Range of blkio weight is from 10 to 1000");
        if (host.OomScoreAdj is < -1000 or > 1000)
            throw GantryException.Invalid($"Invalid value {host.OomScoreAdj}, range for oom score adj is [-1000, 1000]");
        if (host.ShmSize < 0)
            throw GantryException.Invalid("SHM size can not be less than 0");
    }

    private static void CheckRestart(HostConfig host)
    {
        var policy = host.RestartPolicy;
        if (!s_restartPolicies.Contains(policy.Name))
            throw GantryException.Invalid(
                $"invalid restart policy: unknown policy '{policy.Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        if (policy.MaximumRetryCount != 0 && policy.Name is not ("on-failure" or "unhealthy"))
            throw GantryException.Invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
        if (policy.MaximumRetryCount < 0)
            throw GantryException.Invalid("invalid restart policy: maximum retry count cannot be negative");
        if (host.AutoRemove && policy.Name is not ("" or "no"))
            throw GantryException.Invalid("can't create 'AutoRemove' container with restart policy");
    }

    private static void CheckLog(HostConfig host)
    {
        if (host.LogConfig.Type.Length > 0 && !LogOptions.Drivers.Contains(host.LogConfig.Type))
            throw GantryException.Invalid($"error looking up logging plugin {host.LogConfig.Type}: plugin \"{host.LogConfig.Type}\" not found");
        _ = LogOptions.Read(host.LogConfig);
    }

    private static void CheckNetwork(ContainerConfig config, HostConfig host, NetworkingConfig? networking)
    {
        var mode = host.NetworkMode;
        if (mode == "container:")
            throw GantryException.Invalid("invalid network mode: invalid container format container:<name|id>");
        // .NET takes 1.2.3 for an address as well.
        if (host.Dns?.FirstOrDefault(static server => !IPAddress.TryParse(server, out _) || !server.Contains(':') && server.Count('.') != 3) is { } server)
            throw GantryException.Invalid($"bad nameserver address {server}: ParseAddr(\"{server}\"): unable to parse IP");
        _ = PortRequests.Of(config, host);
        foreach (var port in config.ExposedPorts?.Keys ?? [])
            _ = PortRequests.ParseExposed(port);
        if (host.UTSMode == "host" && config.Hostname.Length > 0)
            throw GantryException.Invalid("conflicting options: hostname and the UTS mode");
        if (!EndpointRequests.SharesOther(mode))
            return;
        Conflict(config.Hostname.Length > 0, "hostname");
        Conflict(host.Dns is { Count: > 0 }, "dns");
        Conflict(host.ExtraHosts is { Count: > 0 }, "custom host-to-IP mapping");
        Conflict(networking?.EndpointsConfig?.Values.Any(endpoint => endpoint?.MacAddress is { Length: > 0 }) is true, "mac-address");
        if (host.PublishAllPorts || host.PortBindings?.Any(p => p.Value is { Count: > 0 }) is true)
            throw GantryException.Invalid("conflicting options: port publishing and the container type network mode");
        if (config.ExposedPorts is { Count: > 0 })
            throw GantryException.Invalid("conflicting options: port exposing and the container type network mode");

        static void Conflict(bool when, string what)
        {
            if (when)
                throw GantryException.Invalid($"conflicting options: {what} and the network mode");
        }
    }

    private static void Refuse(bool when, string what)
    {
        if (when)
            throw GantryException.NotImplemented($"this version of Gantry does not do {what}");
    }
}
