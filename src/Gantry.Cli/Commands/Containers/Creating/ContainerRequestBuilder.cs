using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>Turns the flags of <c>run</c> and <c>create</c> into the request that creates the container, as docker's client does.</summary>
/// <param name="flags">The flags, read.</param>
/// <param name="session">Where environment, files and terminal are looked up.</param>
internal sealed class ContainerRequestBuilder(ContainerFlags flags, CommandSession session)
{
    /// <summary>Builds the request.</summary>
    /// <param name="image">The image as the user named it.</param>
    /// <param name="command">Command and arguments, possibly none.</param>
    /// <exception cref="CommandException">Flags contradict each other, or a value is wrong.</exception>
    public ContainerCreateRequest Build(string image, IReadOnlyList<string> command)
    {
        // 1. What several parts of the request need.
        var ports = new PublishedPorts();
        foreach (var value in flags.Publish.Values)
            ports.Publish(value);
        foreach (var value in flags.Expose.Values)
            ports.Expose(value);
        var (binds, volumes) = SplitVolumes();
        var networks = new NetworkSelection(flags);

        // 2. The configuration of the process.
        var request = new ContainerCreateRequest
        {
            Hostname = flags.Hostname.Value,
            Domainname = flags.Domainname.Value,
            ExposedPorts = ports.Exposed,
            User = flags.User.Value,
            Tty = flags.Tty.Value,
            OpenStdin = flags.Interactive.Value,
            Env = ReadEnvironment(),
            Cmd = command.Count > 0 ? StringOrList.Of(command) : null,
            Image = image,
            Volumes = volumes,
            Entrypoint = flags.Entrypoint.Changed ? [flags.Entrypoint.Value] : null,
            WorkingDir = flags.Workdir.Value,
            Labels = KeyValues.ToMap(VariableFile.ReadLabels(flags.LabelFile.Values, flags.Label.Values)),
            StopSignal = flags.StopSignal.Value,
            StopTimeout = flags.StopTimeout.Changed ? (int)flags.StopTimeout.Value : null,
            Healthcheck = new HealthFlags(flags).Build(),
        };
        SetAttached(request);

        // 3. What concerns the host.
        request.HostConfig = BuildHostConfig(binds, ports, networks);
        request.NetworkingConfig = networks.BuildConfig();
        return request;
    }

    private IReadOnlyList<string>? ReadEnvironment()
    {
        var variables = VariableFile.ReadEnvironment(flags.EnvFile.Values, flags.Env.Values, session.Context.Environment);
        var proxies = session.Settings.ProxyVariables(session.Host);
        if (proxies.Count == 0)
            return variables;
        // What the user set himself counts more than the proxies of config.json.
        var set = (variables ?? []).Select(static variable => variable.Split('=')[0]).ToHashSet(StringComparer.Ordinal);
        return [.. variables ?? [], .. proxies.Where(proxy => !set.Contains(proxy.Key)).Select(static proxy => $"{proxy.Key}={proxy.Value}")];
    }

    private void SetAttached(ContainerConfig config)
    {
        var attached = flags.Attach.Values;
        config.AttachStdin = flags.Interactive.Value || attached.Contains("stdin");
        config.AttachStdout = attached.Count == 0 || attached.Contains("stdout");
        config.AttachStderr = attached.Count == 0 || attached.Contains("stderr");
        // Input that ends with the client ends for the container too.
        config.StdinOnce = config.OpenStdin && config.AttachStdin;
    }

    /// <summary>Tells anonymous volumes, which are a path inside only, from what is mounted.</summary>
    private (IReadOnlyList<string>? Binds, IReadOnlyDictionary<string, EmptyObject> Volumes) SplitVolumes()
    {
        var binds = new List<string>();
        var volumes = new SortedDictionary<string, EmptyObject>(StringComparer.Ordinal);
        foreach (var value in flags.Volume.Values)
        {
            if (!VolumeSpecification.HasSource(value))
                volumes[value] = EmptyObject.Value;
            else if (Absolute(value) is var bind && !binds.Contains(bind))
                binds.Add(bind);
        }
        return (binds.Count > 0 ? binds : null, volumes);
    }

    private static string Absolute(string bind) =>
        bind[0] == '.' && bind.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? Path.GetFullPath(bind[..colon]) + bind[colon..] : bind;

    private HostConfig BuildHostConfig(IReadOnlyList<string>? binds, PublishedPorts ports, NetworkSelection networks)
    {
        var namespaces = flags.Namespaces;
        CheckNamespaces(namespaces);
        var security = SecurityOptions.Read(namespaces.SecurityOpt.Values);
        var restart = RestartPolicyParser.Parse(flags.Restart.Value);
        if (flags.Remove.Value && restart.Name is not ("" or "no"))
            throw new CommandException("conflicting options: cannot specify both --restart and --rm");
        var host = new HostConfig
        {
            Binds = binds,
            ContainerIDFile = flags.CidFile.Value,
            LogConfig = BuildLogConfig(),
            NetworkMode = networks.Mode,
            PortBindings = ports.Bindings,
            RestartPolicy = restart,
            AutoRemove = flags.Remove.Value,
            VolumeDriver = flags.VolumeDriver.Value,
            VolumesFrom = OrNull(flags.VolumesFrom),
            ConsoleSize = session.Context.Terminal.Size is var (rows, columns) ? [rows, columns] : [0, 0],
            Annotations = flags.Annotations.Values,
            CapAdd = StringOrList.Of(Capabilities(namespaces.CapAdd)),
            CapDrop = StringOrList.Of(Capabilities(namespaces.CapDrop)),
            CgroupnsMode = namespaces.Cgroupns.Value,
            Dns = flags.Dns.Values,
            DnsOptions = flags.DnsOption.Values,
            DnsSearch = flags.DnsSearch.Values,
            ExtraHosts = OrNull(flags.AddHost),
            GroupAdd = OrNull(flags.GroupAdd),
            IpcMode = namespaces.Ipc.Value,
            Links = OrNull(flags.Link),
            OomScoreAdj = (int)flags.Resources.OomScoreAdj.Value,
            PidMode = namespaces.Pid.Value,
            Privileged = namespaces.Privileged.Value,
            PublishAllPorts = flags.PublishAll.Value,
            ReadonlyRootfs = flags.ReadOnly.Value,
            SecurityOpt = security.Options,
            DeviceRequests = flags.Gpus.Values.Count > 0 ? flags.Gpus.Values : null,
            StorageOpt = ReadStorageOptions(),
            Tmpfs = ReadTmpfs(),
            UTSMode = namespaces.Uts.Value,
            UsernsMode = namespaces.Userns.Value,
            ShmSize = flags.ShmSize.Value,
            Sysctls = namespaces.Sysctl.Values,
            Runtime = flags.Runtime.Value,
            Isolation = namespaces.Isolation.Value,
            Mounts = flags.Mount.Values,
            MaskedPaths = security.UnconfinedPaths ? [] : null,
            ReadonlyPaths = security.UnconfinedPaths ? [] : null,
            Init = flags.Init.Changed ? flags.Init.Value : null,
        };
        flags.Resources.ApplyTo(host);
        return host;
    }

    private static void CheckNamespaces(NamespaceFlags namespaces)
    {
        if (namespaces.Pid.Value is not ("" or "host") && !IsContainer(namespaces.Pid.Value))
            throw new CommandException("--pid: invalid PID mode");
        if (namespaces.Uts.Value is not ("" or "host"))
            throw new CommandException("--uts: invalid UTS mode");
        if (namespaces.Userns.Value is not ("" or "host"))
            throw new CommandException("--userns: invalid USER mode");
        if (namespaces.Cgroupns.Value is not ("" or "host" or "private"))
            throw new CommandException("--cgroupns: invalid CGROUP mode");
    }

    private static bool IsContainer(string mode) => mode.StartsWith("container:", StringComparison.Ordinal) && mode.Length > "container:".Length;

    private LogConfig BuildLogConfig()
    {
        if (flags.LogDriver.Value == "none" && flags.LogOpt.Values.Count > 0)
            throw new CommandException("invalid logging opts for driver none");
        return new LogConfig { Type = flags.LogDriver.Value, Config = KeyValues.ToMap(flags.LogOpt.Values) };
    }

    private Dictionary<string, string> ReadStorageOptions()
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in flags.StorageOpt.Values)
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw new CommandException("invalid storage option");
            options[option[..equals]] = option[(equals + 1)..];
        }
        return options;
    }

    private SortedDictionary<string, string> ReadTmpfs()
    {
        var mounts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in flags.Tmpfs.Values)
        {
            var colon = value.IndexOf(':', StringComparison.Ordinal);
            mounts[colon < 0 ? value : value[..colon]] = colon < 0 ? "" : value[(colon + 1)..];
        }
        return mounts;
    }

    /// <summary>The kernel's names of capabilities, which users write in any case and without their prefix; <c>ALL</c> stands for itself.</summary>
    private static IReadOnlyList<string>? Capabilities(ListFlag<string> flag)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var value in flag.Values)
        {
            var name = value.Trim().ToUpperInvariant();
            names.Add(name is "ALL" || name.StartsWith("CAP_", StringComparison.Ordinal) ? name : "CAP_" + name);
        }
        return names.Count > 0 ? [.. names] : null;
    }

    private static IReadOnlyList<string>? OrNull(ListFlag<string> flag) => flag.Values.Count > 0 ? flag.Values : null;
}
