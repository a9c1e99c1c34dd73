using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>What a container is created for.</summary>
/// <param name="Number">Its number within its service; less than 1 for one of <c>run</c>.</param>
/// <param name="Labels">Its labels but for those that are worked out here.</param>
/// <param name="Links">The names by which it knows other containers, as the API has them.</param>
/// <param name="Mounts">What is mounted, by target.</param>
internal sealed record ContainerPurpose(int Number, SortedDictionary<string, string> Labels, IReadOnlyList<string> Links, MountPlan Mounts)
{
    /// <summary>Whether it is removed when it ends.</summary>
    public bool AutoRemove { get; init; }

    /// <summary>Whether input is attached.</summary>
    public bool AttachInput { get; init; }

    /// <summary>Whether it has the service's names in its networks.</summary>
    public bool UseAliases { get; init; } = true;
}

/// <summary>Turns a service into the configuration of a container, with what docker sets when the file says nothing.</summary>
/// <param name="project">The project.</param>
internal sealed class ContainerRequests(Project project)
{
    /// <summary>The configuration of a container.</summary>
    /// <exception cref="ComposeException">Something in the service cannot be done.</exception>
    public ContainerCreateRequest Build(Service service, ContainerPurpose purpose)
    {
        var definition = service.Definition;
        var labels = new SortedDictionary<string, string>(purpose.Labels, StringComparer.Ordinal) { [Labels.ConfigHash] = ConfigHash.Of(service) };
        if (purpose.Number > 0)
            labels[Labels.Number] = purpose.Number.ToString(CultureInfo.InvariantCulture);
        labels[Labels.DependsOn] = string.Join(',',
            service.DependsOn.Select(static dependency => $"{dependency.Key}:{dependency.Value.Condition}:{(dependency.Value.Restart ? "true" : "false")}"));
        var interactive = definition.Flag("stdin_open");
        var networks = new NetworkRequests(project).Build(service, purpose);
        return new ContainerCreateRequest
        {
            Hostname = service.Text("hostname"),
            Domainname = service.Text("domainname"),
            User = service.Text("user"),
            ExposedPorts = ExposedPorts(service),
            Tty = definition.Flag("tty"),
            OpenStdin = interactive,
            StdinOnce = purpose.AttachInput && interactive,
            AttachStdin = purpose.AttachInput,
            AttachStdout = true,
            AttachStderr = true,
            Cmd = Words(definition, "command"),
            Entrypoint = Words(definition, "entrypoint"),
            Image = service.ImageOrDefault(project.Name, project.Separator),
            WorkingDir = service.Text("working_dir"),
            NetworkDisabled = service.Text("network_mode") == "disabled",
            Labels = labels,
            StopSignal = service.Text("stop_signal"),
            StopTimeout = definition["stop_grace_period"] is null ? null : (int)(definition.Number("stop_grace_period") / 1_000_000_000),
            Env = Environment(definition.Map("environment")),
            Healthcheck = HealthChecks.Of(definition.Map("healthcheck")),
            HostConfig = BuildHost(service, purpose, networks.Mode),
            NetworkingConfig = networks.Config,
        };
    }

    /// <summary>Variables as the API has them; one without a value is taken from the daemon's side, that is: left out of the image's.</summary>
    public static IReadOnlyList<string> Environment(MapValue? variables) =>
        [.. (variables?.Entries ?? []).OrderBy(static variable => variable.Key, StringComparer.Ordinal)
            .Select(static variable => variable.Value.IsNull ? variable.Key : $"{variable.Key}={variable.Value}")];

    private HostConfig BuildHost(Service service, ContainerPurpose purpose, string networkMode)
    {
        var definition = service.Definition;
        var logging = definition.Map("logging");
        var (security, unconfined) = SecurityOptions(service);
        var (added, dropped) = CapabilityNames.Effective(definition.Texts("cap_add"), definition.Texts("cap_drop"));
        var host = new HostConfig
        {
            AutoRemove = purpose.AutoRemove,
            Annotations = definition.TextMap("annotations"),
            Binds = purpose.Mounts.Binds.Count > 0 ? purpose.Mounts.Binds : null,
            Mounts = purpose.Mounts.Mounts,
            CapAdd = StringOrList.Of(added),
            CapDrop = StringOrList.Of(dropped),
            NetworkMode = networkMode,
            Init = definition["init"] is null ? null : definition.Flag("init"),
            IpcMode = service.Text("ipc"),
            CgroupnsMode = service.Text("cgroup"),
            ReadonlyRootfs = definition.Flag("read_only"),
            RestartPolicy = RestartOf(service),
            ShmSize = definition.Number("shm_size"),
            Sysctls = definition.TextMap("sysctls"),
            PortBindings = PortBindings(service),
            VolumesFrom = OrNull(definition, "volumes_from"),
            Dns = OrNull(definition, "dns"),
            DnsSearch = OrNull(definition, "dns_search"),
            DnsOptions = OrNull(definition, "dns_opt"),
            ExtraHosts = ExtraHosts(definition),
            SecurityOpt = security,
            StorageOpt = definition.TextMap("storage_opt"),
            UsernsMode = service.Text("userns_mode"),
            UTSMode = service.Text("uts"),
            Privileged = definition.Flag("privileged"),
            PidMode = service.Text("pid"),
            Tmpfs = Tmpfs(definition),
            Isolation = service.Text("isolation"),
            Runtime = service.Text("runtime"),
            LogConfig = new LogConfig { Type = logging?.Text("driver") ?? "", Config = logging?.TextMap("options") },
            GroupAdd = OrNull(definition, "group_add"),
            Links = purpose.Links.Count > 0 ? purpose.Links : null,
            OomScoreAdj = (int)definition.Number("oom_score_adj"),
            MaskedPaths = unconfined ? [] : null,
            ReadonlyPaths = unconfined ? [] : null,
        };
        ResourceLimits.Apply(service, host);
        return host;
    }

    private static StringOrList? Words(MapValue definition, string key) => definition[key] is ListValue ? StringOrList.Of(definition.Texts(key)) : null;

    private static IReadOnlyList<string>? OrNull(MapValue definition, string key) => definition.Texts(key) is { Count: > 0 } texts ? texts : null;

    private static SortedDictionary<string, EmptyObject> ExposedPorts(Service service)
    {
        var ports = new SortedDictionary<string, EmptyObject>(StringComparer.Ordinal);
        foreach (var port in service.Definition.Texts("expose"))
            ports[port] = new EmptyObject();
        foreach (var port in service.Maps("ports"))
            ports[$"{port.Number("target")}/{port.Text("protocol")}"] = new EmptyObject();
        return ports;
    }

    private static SortedDictionary<string, IReadOnlyList<PortBinding>?> PortBindings(Service service)
    {
        var bindings = new SortedDictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        foreach (var ports in service.Maps("ports").GroupBy(static port => $"{port.Number("target")}/{port.Text("protocol")}"))
            bindings[ports.Key] = [.. ports.Select(static port => new PortBinding { HostIp = port.Text("host_ip"), HostPort = port.Text("published") })];
        return bindings;
    }

    private static IReadOnlyList<string> ExtraHosts(MapValue definition) => definition.Map("extra_hosts") is { } hosts
        ? [.. hosts.Entries.SelectMany(static host => ((ListValue)host.Value).Items.Select(address => $"{host.Key}:{address}"))]
        : [];

    private static Dictionary<string, string> Tmpfs(MapValue definition) => definition.Texts("tmpfs")
        .Select(static mount => mount.Split(':', 2))
            .ToDictionary(static parts => parts[0], static parts => parts.Length > 1 ? parts[1] : "", StringComparer.Ordinal);

    private static RestartPolicy RestartOf(Service service)
    {
        var (condition, attempts) = ("", 0L);
        if (service.Text("restart") is { Length: > 0 } restart)
        {
            var parts = restart.Split(':');
            condition = parts[0];
            if (parts.Length > 1)
                _ = long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out attempts);
        }
        if (service.Map("deploy")?.Map("restart_policy") is { } policy)
            (condition, attempts) = (policy.Text("condition"), policy.Number("max_attempts"));
        var name = condition switch { "none" => "no", "any" => "always", _ => condition };
        return new RestartPolicy { Name = name, MaximumRetryCount = (int)attempts };
    }

    private (IReadOnlyList<string>? Options, bool Unconfined) SecurityOptions(Service service)
    {
        var options = new List<string>();
        var unconfined = false;
        foreach (var option in service.Definition.Texts("security_opt"))
        {
            if (option == "systempaths=unconfined")
            {
                unconfined = true;
                continue;
            }
            var parts = option.Split(option.Contains('=', StringComparison.Ordinal) ? '=' : ':', 2);
            if (parts.Length == 1 && option != "no-new-privileges")
                throw new ComposeException($"invalid security-opt: \"{option}\"");
            options.Add(parts is ["seccomp", not ("unconfined" or "builtin")] ? "seccomp=" + ReadProfile(parts[1]) : option);
        }
        return (options.Count > 0 ? options : null, unconfined);
    }

    private string ReadProfile(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.GetFullPath(file, project.WorkingFolder)));
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer))
                document.WriteTo(writer);
            return Encoding.UTF8.GetString(buffer.ToArray());
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            throw new ComposeException($"opening seccomp profile ({file}) failed: {error.Message}");
        }
    }
}
