using Gantry.Compose.Model.Shapes;
using Gantry.Compose.Values;

namespace Gantry.Compose.Model;

/// <summary>A compose project: what its files say, ready to be compared with what is there.</summary>
public sealed class Project
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The folder that relative paths are relative to.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>The files it was read from.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The environment for interpolation.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>What stands between the parts of names: <c>-</c>, or <c>_</c> in compatibility mode.</summary>
    public string Separator { get; init; } = "-";

    /// <summary>The active profiles.</summary>
    public IReadOnlyList<string> Profiles { get; private set; } = [];

    /// <summary>The services that are taken part, sorted by name.</summary>
    public SortedDictionary<string, Service> Services { get; } = new(StringComparer.Ordinal);

    /// <summary>The services that are not: of other profiles, or not selected.</summary>
    public SortedDictionary<string, Service> DisabledServices { get; } = new(StringComparer.Ordinal);

    /// <summary>The networks.</summary>
    public SortedDictionary<string, MapValue> Networks { get; } = new(StringComparer.Ordinal);

    /// <summary>The volumes.</summary>
    public SortedDictionary<string, MapValue> Volumes { get; } = new(StringComparer.Ordinal);

    /// <summary>The secrets.</summary>
    public SortedDictionary<string, MapValue> Secrets { get; } = new(StringComparer.Ordinal);

    /// <summary>The configurations.</summary>
    public SortedDictionary<string, MapValue> Configs { get; } = new(StringComparer.Ordinal);

    /// <summary>The language models.</summary>
    public SortedDictionary<string, MapValue> Models { get; } = new(StringComparer.Ordinal);

    /// <summary>Elements whose names begin with <c>x-</c>.</summary>
    public MapValue Extensions { get; } = new();

    /// <summary>Takes in a model in its long form.</summary>
    /// <exception cref="ComposeException">A value is not of its type.</exception>
    internal void Fill(MapValue model)
    {
        foreach (var (name, value) in model.Map("services")?.Entries ?? [])
            Services[name] = new Service(name, value is MapValue map ? (MapValue)ServiceShape.Service.Read(map) : new MapValue(value.At));
        Fill(Networks, model, "networks", ModelShapes.Network);
        Fill(Volumes, model, "volumes", ModelShapes.Volume);
        Fill(Secrets, model, "secrets", ModelShapes.FileObject);
        Fill(Configs, model, "configs", ModelShapes.FileObject);
        Fill(Models, model, "models", ModelShapes.LanguageModel);
        foreach (var (key, value) in model.Entries)
            if (key.StartsWith("x-", StringComparison.Ordinal))
                Extensions[key] = value;
    }

    private static void Fill(SortedDictionary<string, MapValue> target, MapValue model, string key, StructShape shape)
    {
        foreach (var (name, value) in model.Map(key)?.Entries ?? [])
            target[name] = value is MapValue map ? (MapValue)shape.Read(map) : new MapValue(value.At);
    }

    /// <summary>A service of this name; how to say that there is none.</summary>
    /// <exception cref="ComposeException">There is none, or it is disabled.</exception>
    public Service Service(string name)
    {
        if (Services.TryGetValue(name, out var service))
            return service;
        throw new ComposeException($"no such service: {name}{(DisabledServices.ContainsKey(name) ? ": disabled" : ": not found")}");
    }

    /// <summary>Checks that services are there.</summary>
    /// <exception cref="ComposeException">One is not.</exception>
    public void Check(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (!Services.ContainsKey(name))
                throw new ComposeException($"no such service: {name}");
    }

    /// <summary>A service whose image others are made from: it may be disabled, or not asked for.</summary>
    /// <exception cref="ComposeException">There is none, or it is not built.</exception>
    public Service Buildable(string name)
    {
        if ((Services.GetValueOrDefault(name) ?? DisabledServices.GetValueOrDefault(name)) is not { } service)
            throw new ComposeException($"no such service: {name}: not found");
        return service.Map("build") is not null ? service : throw new ComposeException($"service \"{name}\" is no build context: it is not built");
    }

    /// <summary>All services, those that are disabled too.</summary>
    public IEnumerable<Service> AllServices => Services.Values.Concat(DisabledServices.Values);

    /// <summary>Activates profiles: services of other profiles are disabled.</summary>
    public void Activate(IReadOnlyList<string> profiles)
    {
        Profiles = profiles;
        foreach (var service in AllServices.ToArray())
        {
            var enabled = service.Profiles.Count == 0 || profiles.Contains("*") || service.Profiles.Any(profiles.Contains);
            (enabled ? DisabledServices : Services).Remove(service.Name);
            (enabled ? Services : DisabledServices)[service.Name] = service;
        }
    }

    /// <summary>Activates the profiles of services that are asked for by name.</summary>
    public void Enable(IReadOnlyList<string> names)
    {
        var profiles = names.Where(name => !Services.ContainsKey(name) && DisabledServices.ContainsKey(name))
            .SelectMany(name => DisabledServices[name].Profiles).ToArray();
        if (profiles.Length > 0)
            Activate([.. Profiles, .. profiles]);
    }

    /// <summary>Disables all services but some and, unless told otherwise, what they depend on.</summary>
    /// <exception cref="ComposeException">One of them does not exist.</exception>
    public void Select(IReadOnlyList<string> names, bool dependencies = true)
    {
        if (names.Count == 0)
            return;
        var selected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
            Add(name, required: true);
        foreach (var service in Services.Values.Where(service => !selected.Contains(service.Name)).ToArray())
        {
            Services.Remove(service.Name);
            DisabledServices[service.Name] = service;
        }
        foreach (var service in Services.Values)
            foreach (var other in service.DependsOn.Keys.Where(other => !selected.Contains(other)).ToArray())
                service.RemoveDependency(other);

        void Add(string name, bool required)
        {
            if (!Services.TryGetValue(name, out var service))
            {
                if (required)
                    throw new ComposeException($"no such service: {name}");
                return;
            }
            if (!selected.Add(name) || !dependencies)
                return;
            foreach (var (other, dependency) in service.DependsOn)
                Add(other, dependency.Required);
        }
    }

    /// <summary>Forgets networks, volumes and the like that no service uses.</summary>
    public void DropUnusedResources()
    {
        var (networks, volumes, secrets, configs, models) = (NewNames(), NewNames(), NewNames(), NewNames(), NewNames());
        foreach (var service in Services.Values)
        {
            networks.UnionWith(service.Networks.Keys);
            models.UnionWith(service.Map("models")?.Keys ?? []);
            foreach (var volume in service.Maps("volumes"))
                if (volume.Text("type") == "volume")
                    volumes.Add(volume.Text("source"));
            AddSources(secrets, service.Maps("secrets"));
            AddSources(secrets, service.Map("build")?.Maps("secrets") ?? []);
            AddSources(configs, service.Maps("configs"));
        }
        Keep(Networks, networks);
        Keep(Volumes, volumes);
        Keep(Secrets, secrets);
        Keep(Configs, configs);
        Keep(Models, models);
    }

    private static HashSet<string> NewNames() => new(StringComparer.Ordinal);

    private static void AddSources(HashSet<string> names, IEnumerable<MapValue> entries)
    {
        foreach (var entry in entries)
            names.Add(entry.Text("source"));
    }

    private static void Keep(SortedDictionary<string, MapValue> resources, HashSet<string> used)
    {
        foreach (var name in resources.Keys.Where(name => !used.Contains(name)).ToArray())
            resources.Remove(name);
    }

    /// <summary>The services that depend on one.</summary>
    public IEnumerable<Service> DependentsOf(string name) => Services.Values.Where(service => service.DependsOn.ContainsKey(name));
}
