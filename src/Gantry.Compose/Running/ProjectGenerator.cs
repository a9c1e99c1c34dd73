using System.Globalization;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>Makes a project of containers that are there, whoever made them: <c>alpha generate</c>.</summary>
/// <param name="engine">The daemon.</param>
public sealed class ProjectGenerator(EngineAccess engine)
{
    private const string SecretsFolder = "/run/secrets";

    /// <summary>Makes the project.</summary>
    /// <param name="name">Its name, or empty for none.</param>
    /// <param name="containers">Names or identifiers of the containers, or parts of them.</param>
    /// <exception cref="ComposeException">There is no such container.</exception>
    public async Task<Project> GenerateAsync(string name, IReadOnlyList<string> containers)
    {
        if (containers.Count == 0)
            throw new ComposeException("at least one container must be specified");
        var found = await FindAsync(containers).ConfigureAwait(false);
        if (found.Count == 0)
            throw new ComposeException($"no container(s) found with the following name(s): {string.Join(',', containers)}");
        var project = new Project { Name = name, WorkingFolder = "" };
        var inside = (await engine.Client.ListNetworksAsync(null).ConfigureAwait(false)).Where(static network => network.Internal)
            .Select(static network => network.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var container in found)
            await AddAsync(project, container, inside).ConfigureAwait(false);
        return project;
    }

    private async Task<IReadOnlyCollection<ContainerSummary>> FindAsync(IReadOnlyList<string> containers)
    {
        var found = new Dictionary<string, ContainerSummary>(StringComparer.Ordinal);
        foreach (var kind in (string[])["name", "id"])
        {
            var filters = containers.Aggregate(new Filters(), (filters, container) => filters.Add(kind, container));
            foreach (var container in await engine.Client.ListContainersAsync(all: true, null, size: false, filters).ConfigureAwait(false))
                found.TryAdd(container.Id, container);
        }
        return [.. found.Values.OrderBy(static container => container.Name(), StringComparer.Ordinal)];
    }

    private async Task AddAsync(Project project, ContainerSummary container, HashSet<string> inside)
    {
        var name = container.ServiceName() is { Length: > 0 } service ? service : container.Name();
        if (!project.Services.TryGetValue(name, out var known))
            project.Services[name] = known = new Service(name, new MapValue());
        var definition = known.Definition;
        definition["image"] = ScalarValue.Of(container.Image);
        definition["scale"] = ScalarValue.Of(definition.Number("scale") + 1);
        definition["labels"] = Texts(container.Labels.Where(static label =>
            !label.Key.StartsWith("com.docker.compose.", StringComparison.Ordinal) && !label.Key.StartsWith("desktop.docker.io", StringComparison.Ordinal)));

        var inspected = await engine.Client.InspectContainerAsync(container.Id).ConfigureAwait(false);
        definition["environment"] = Texts((inspected.Config.Env ?? []).Select(static variable => variable.Split('=', 2))
            .Select(static parts => KeyValuePair.Create(parts[0], parts.Length > 1 ? parts[1] : "")));
        if (inspected.Config.Healthcheck is { } check)
            definition["healthcheck"] = Health(check);
        AddMounts(project, definition, inspected.Mounts);
        AddPorts(definition, inspected.HostConfig.PortBindings);
        AddNetworks(project, definition, inspected.NetworkSettings.Networks, inside);
    }

    private static void AddMounts(Project project, MapValue definition, IEnumerable<MountPoint> mounts)
    {
        var (volumes, secrets) = (new ListValue(), new ListValue());
        foreach (var mount in mounts.Where(static mount => mount.Type is "volume" or "bind").OrderBy(static mount => mount.Destination, StringComparer.Ordinal))
        {
            if (mount.Type == "bind" && mount.Destination.StartsWith(SecretsFolder, StringComparison.Ordinal))
            {
                var secret = mount.Destination[(mount.Destination.LastIndexOf('/') + 1)..];
                project.Secrets[secret] = Map(("name", secret), ("file", mount.Source));
                secrets.Items.Add(Map(("source", secret), ("target", mount.Destination)));
                continue;
            }
            var source = (mount.Type == "volume" ? mount.Name : mount.Source) ?? "";
            var volume = Map(("type", mount.Type!), ("source", source), ("target", mount.Destination));
            if (!mount.RW)
                volume["read_only"] = ScalarValue.Of(true);
            volumes.Items.Add(volume);
            if (mount.Type == "volume")
                project.Volumes[source] = mount.Driver is null or "local" ? new MapValue() : Map(("name", source), ("driver", mount.Driver));
        }
        if (volumes.Items.Count > 0)
            definition["volumes"] = volumes;
        if (secrets.Items.Count > 0)
            definition["secrets"] = secrets;
    }

    private static void AddPorts(MapValue definition, IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? bindings)
    {
        var ports = new ListValue();
        foreach (var (port, hosts) in (bindings ?? new Dictionary<string, IReadOnlyList<PortBinding>?>())
            .OrderBy(static binding => binding.Key, StringComparer.Ordinal))
        {
            foreach (var host in hosts ?? [])
            {
                var parts = port.Split('/');
                var entry = Map(("host_ip", host.HostIp ?? ""), ("published", host.HostPort ?? ""), ("protocol", parts.Length > 1 ? parts[1] : "tcp"));
                entry["target"] = ScalarValue.Of(long.Parse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture));
                ports.Items.Add(entry);
            }
        }
        if (ports.Items.Count > 0)
            definition["ports"] = ports;
    }

    private static void AddNetworks(Project project, MapValue definition, IReadOnlyDictionary<string, EndpointSettings> endpoints, HashSet<string> inside)
    {
        var networks = new MapValue();
        foreach (var (name, endpoint) in endpoints)
        {
            var network = new MapValue();
            if (inside.Contains(name))
                network["internal"] = ScalarValue.Of(true);
            project.Networks[name] = network;
            var member = new MapValue();
            if (endpoint.Aliases is { Count: > 0 } aliases)
                member["aliases"] = ListValue.Of(aliases);
            networks[name] = member;
        }
        if (networks.Count > 0)
            definition["networks"] = networks;
    }

    private static MapValue Health(HealthConfig check)
    {
        var health = new MapValue();
        health["test"] = ListValue.Of(check.Test ?? []);
        foreach (var (key, value) in ((string, long)[])[("timeout", check.Timeout), ("interval", check.Interval), ("start_period", check.StartPeriod),
            ("start_interval", check.StartInterval), ("retries", check.Retries)])
            if (value != 0)
                health[key] = ScalarValue.Of(value);
        return health;
    }

    private static MapValue Map(params ReadOnlySpan<(string Key, string Value)> entries)
    {
        var map = new MapValue();
        foreach (var (key, value) in entries)
            map[key] = ScalarValue.Of(value);
        return map;
    }

    private static MapValue Texts(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var map = new MapValue();
        foreach (var (key, value) in entries)
            map[key] = ScalarValue.Of(value);
        return map;
    }
}
