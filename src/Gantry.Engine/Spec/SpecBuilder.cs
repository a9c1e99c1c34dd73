using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Devices;
using Gantry.Engine.Init;
using Gantry.Oci.Runtime;

namespace Gantry.Engine.Spec;

/// <summary>Turns a container's configuration into the OCI runtime configuration that <c>Gantry.Runtime</c> runs.</summary>
/// <param name="namespaces">Decides on namespaces.</param>
/// <param name="seccomp">Resolves seccomp profiles.</param>
/// <param name="links">The links of the default bridge.</param>
/// <param name="availableCapabilities">The daemon's bounding set.</param>
/// <param name="init">PID 1 of those that want one of the engine's.</param>
/// <param name="defaults">What containers have that do not say otherwise.</param>
/// <param name="requests">The devices that they ask for by name.</param>
internal sealed class SpecBuilder(
    SpecNamespaces namespaces, SeccompProfiles seccomp, ContainerLinks links, ulong availableCapabilities, InitProgram init, ContainerDefaults defaults,
    DeviceRequests requests)
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>The configuration of a container that is about to start.</summary>
    /// <param name="container">The container.</param>
    /// <param name="readText">Reads a file of its root filesystem.</param>
    /// <param name="cgroupPath">Where its cgroup is below the hierarchies' roots.</param>
    /// <exception cref="Oci.GantryException">Something in the configuration cannot be had (InvalidArgument, Conflict).</exception>
    public RuntimeSpec Build(Container container, Func<string, string> readText, string cgroupPath)
    {
        var host = container.HostConfig;
        var security = SecurityOptions.Parse(host.SecurityOpt);
        var devices = SpecDevices.Build(host);
        var requested = requests.Resolve(host);
        var process = Process(container, readText, security, requested);
        return new RuntimeSpec
        {
            OciVersion = "1.2.0",
            Root = new RootSpec { Path = "rootfs", Readonly = host.ReadonlyRootfs },
            Hostname = host.UTSMode == "host" ? null : container.Config.Hostname,
            Domainname = string.IsNullOrEmpty(container.Config.Domainname) ? null : container.Config.Domainname,
            Process = process,
            Mounts = [.. SpecMounts.Build(container, SharedShm(container), init.IsUsedBy(host) ? init.Write() : null), .. requested.Mounts],
            Annotations = host.Annotations,
            Hooks = requested.Hooks,
            Linux = new LinuxSpec
            {
                Namespaces = namespaces.Build(container),
                Devices = [.. devices.Nodes, .. requested.Nodes],
                CgroupsPath = cgroupPath,
                Resources = SpecResources.Build(host, [.. devices.Rules, .. requested.Rules]),
                RootfsPropagation = RootPropagation(container),
                Seccomp = Filter(container, privilegedExec: false).Rules,
                Sysctl = Sysctls(container),
                MaskedPaths = host.Privileged || security.SystemPathsUnconfined ? [] : host.MaskedPaths,
                ReadonlyPaths = host.Privileged || security.SystemPathsUnconfined ? [] : host.ReadonlyPaths,
            },
        };
    }

    /// <summary>The process of an exec: the container's own, with what the exec asks for in its place.</summary>
    public ProcessSpec BuildExec(Container container, ExecCreateRequest request, Func<string, string> readText)
    {
        var host = container.HostConfig;
        var security = SecurityOptions.Parse(host.SecurityOpt);
        var user = new UserLookup(readText).Resolve(
            string.IsNullOrEmpty(request.User) ? container.Config.User : request.User, host.GroupAdd);
        var capabilities = Capabilities.Resolve(availableCapabilities, host.Privileged || request.Privileged, host.CapAdd, host.CapDrop);
        return new ProcessSpec
        {
            Terminal = request.Tty,
            Args = [.. request.Cmd ?? []],
            Env = Environment(container, user, request.Tty, request.Env),
            Cwd = FirstGiven(request.WorkingDir, container.Config.WorkingDir, "/"),
            User = ToSpec(user),
            Capabilities = Sets(capabilities, user),
            Rlimits = Limits(container),
            NoNewPrivileges = security.NoNewPrivileges ?? defaults.NoNewPrivileges,
            OomScoreAdj = host.OomScoreAdj,
        };
    }

    /// <summary>What an exec needs to know of its container: namespaces and filter.</summary>
    public RuntimeSpec BuildForExec(Container container, bool privileged) => new()
    {
        Linux = new LinuxSpec { Namespaces = namespaces.Kinds(container), Seccomp = Filter(container, privileged).Rules },
    };

    /// <summary>The filter of a container's processes.</summary>
    public SeccompFilter Filter(Container container, bool privilegedExec = false)
    {
        var host = container.HostConfig;
        var security = SecurityOptions.Parse(host.SecurityOpt);
        if (host.Privileged || privilegedExec || security.SeccompUnconfined)
            return SeccompFilter.None;
        var profile = security.SeccompProfile ?? defaults.SeccompProfile;
        if (profile is "")
            return SeccompFilter.None;
        return seccomp.Resolve(profile is "builtin" ? null : profile, Capabilities.Resolve(availableCapabilities, false, host.CapAdd, host.CapDrop));
    }

    private ProcessSpec Process(Container container, Func<string, string> readText, SecurityOptions security, DeviceEdits devices)
    {
        var host = container.HostConfig;
        var user = new UserLookup(readText).Resolve(container.Config.User, host.GroupAdd);
        var capabilities = Capabilities.Resolve(availableCapabilities, host.Privileged, host.CapAdd, host.CapDrop);
        return new ProcessSpec
        {
            Terminal = container.Config.Tty,
            ConsoleSize = host.ConsoleSize is [> 0 and var rows, > 0 and var columns] ? new ConsoleSize((uint)rows, (uint)columns) : null,
            Args = [.. init.IsUsedBy(host) ? InitProgram.CommandLine([container.Path, .. container.Args]) : [container.Path, .. container.Args]],
            Env = Environment(container, user, container.Config.Tty, devices.Env, [.. links.Environment(container)]),
            Cwd = FirstGiven(container.Config.WorkingDir, "/"),
            User = ToSpec(user) with { AdditionalGids = [.. user.AdditionalGids.Union(devices.Groups)] },
            Capabilities = Sets(capabilities, user),
            Rlimits = Limits(container),
            NoNewPrivileges = security.NoNewPrivileges ?? defaults.NoNewPrivileges,
            OomScoreAdj = host.OomScoreAdj,
        };
    }

    private static List<string> Environment(Container container, ResolvedUser user, bool terminal, IReadOnlyList<string>? more,
        params IReadOnlyList<string> linked)
    {
        var result = new List<string> { DefaultPath, $"HOSTNAME={container.Config.Hostname}" };
        if (terminal)
            result.Add("TERM=xterm");
        // What is later counts: the user's own words more than what links tell.
        foreach (var entry in linked.Concat(container.Config.Env ?? []).Concat(more ?? []))
        {
            var equals = entry.IndexOf('=');
            var name = equals < 0 ? entry : entry[..equals];
            var at = result.FindIndex(e => e.StartsWith(name + "=", StringComparison.Ordinal));
            if (equals < 0 && at >= 0)
                result.RemoveAt(at); // A name without a value takes the variable away.
            else if (at >= 0)
                result[at] = entry;
            else if (equals >= 0)
                result.Add(entry);
        }

        if (!result.Exists(e => e.StartsWith("HOME=", StringComparison.Ordinal)))
            result.Add($"HOME={user.Home}");
        return result;
    }

    private static Dictionary<string, string> Sysctls(Container container)
    {
        var result = new Dictionary<string, string>();
        if (SpecNamespaces.OwnsNetwork(container))
        {
            // Ports below 1024 and ICMP sockets need no capability inside a container, as with docker.
            result["net.ipv4.ip_unprivileged_port_start"] = "0";
            result["net.ipv4.ping_group_range"] = "0 2147483647";
        }

        foreach (var (name, value) in container.HostConfig.Sysctls ?? new Dictionary<string, string>())
            result[name] = value;
        return result;
    }

    private string? SharedShm(Container container) => namespaces.Other(container.HostConfig.IpcMode) is { State.IsRunning: true } other
        ? $"/proc/{other.State.Pid}/root/dev/shm"
        : null;

    private static string RootPropagation(Container container) =>
        container.Mounts.Any(m => m.Propagation.EndsWith("shared", StringComparison.Ordinal)) ? "shared"
        : container.Mounts.Any(m => m.Propagation.EndsWith("slave", StringComparison.Ordinal)) ? "slave"
        : "private";

    // With a user other than root the bounding set keeps what exec of a set-user-ID program may gain; nothing is held at first.
    private static CapabilitySets Sets(IReadOnlyList<string> capabilities, ResolvedUser user) => new()
    {
        Bounding = capabilities,
        Permitted = user.Uid == 0 ? capabilities : [],
        Effective = user.Uid == 0 ? capabilities : [],
    };

    private static ProcessUser ToSpec(ResolvedUser user) =>
        new() { Uid = user.Uid, Gid = user.Gid, AdditionalGids = user.AdditionalGids };

    private IReadOnlyList<ResourceLimit> Limits(Container container) =>
        [.. (container.HostConfig.Ulimits ?? []).Concat(defaults.Ulimits).DistinctBy(u => u.Name)
            .Select(u => new ResourceLimit($"RLIMIT_{u.Name.ToUpperInvariant()}", (ulong)u.Soft, (ulong)u.Hard))];

    private static string FirstGiven(params ReadOnlySpan<string?> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (!string.IsNullOrEmpty(candidate))
                return candidate;
        }

        return "";
    }
}
