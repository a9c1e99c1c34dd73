using Gantry.Compose.Values;

namespace Gantry.Compose.Model;

/// <summary>How a service depends on another.</summary>
/// <param name="Condition"><c>service_started</c>, <c>service_healthy</c> or <c>service_completed_successfully</c>.</param>
/// <param name="Restart">Whether it is restarted with the other.</param>
/// <param name="Required">Whether it cannot do without the other.</param>
public sealed record Dependency(string Condition, bool Restart, bool Required);

/// <summary>A service of a project: its definition with all values of their types, and what the commands ask of it most.</summary>
/// <param name="name">Its name.</param>
/// <param name="definition">Its attributes in their long forms.</param>
public sealed class Service(string name, MapValue definition)
{
    private Dictionary<string, Dependency>? _dependsOn;

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Its attributes in their long forms: sizes in bytes, durations in nanoseconds.</summary>
    public MapValue Definition { get; } = definition;

    /// <summary>The image it names, or empty.</summary>
    public string Image => Text("image");

    /// <summary>The digest of the image that is there, which containers are compared with; empty when it is not known.</summary>
    public string ImageDigest { get; set; } = "";

    /// <summary>Labels that tell whose container it is.</summary>
    public SortedDictionary<string, string> OwnLabels { get; } = new(StringComparer.Ordinal);

    /// <summary>The services it depends on.</summary>
    public Dictionary<string, Dependency> DependsOn => _dependsOn ??= ReadDependencies();

    /// <summary>The networks it is connected to; a value may be the null value.</summary>
    public MapValue Networks => Definition.Map("networks") ?? new MapValue();

    /// <summary>The names of its networks: the highest priority first, and by name within one.</summary>
    public IReadOnlyList<string> NetworksByPriority =>
        [.. Networks.Keys.OrderByDescending(key => Networks.Map(key)?.Number("priority") ?? 0).ThenBy(static key => key, StringComparer.Ordinal)];

    /// <summary>How many containers it has.</summary>
    public int Scale => Definition["scale"] is not null ? (int)Definition.Number("scale")
        : Map("deploy") is { } deploy && deploy["replicas"] is not null ? (int)deploy.Number("replicas") : 1;

    /// <summary>Its profiles.</summary>
    public IReadOnlyList<string> Profiles => Definition.Texts("profiles");

    /// <summary>Where it is written, for the beginning of a message; or empty.</summary>
    public string Where => Definition.At.Prefix;

    /// <summary>Where an attribute is written, or at least the service, for the beginning of a message; or empty.</summary>
    public string WhereOf(string attribute) => Definition.PositionOf(attribute).Prefix;

    /// <summary>The text of an attribute; empty when it has none.</summary>
    public string Text(string attribute) => Definition.Text(attribute);

    /// <summary>An attribute that is a mapping, or null.</summary>
    public MapValue? Map(string attribute) => Definition.Map(attribute);

    /// <summary>The mappings in an attribute's list.</summary>
    public IEnumerable<MapValue> Maps(string attribute) => Definition.Maps(attribute);

    /// <summary>The name of its image: the one it names, or for a built one that of the project and service.</summary>
    public string ImageOrDefault(string project, string separator = "-") => Image.Length > 0 ? Image : $"{project}{separator}{Name}";

    /// <summary>A service with the same name and a copy of the definition, which can be changed.</summary>
    public Service Clone()
    {
        var copy = new Service(Name, (MapValue)Definition.Clone()) { ImageDigest = ImageDigest };
        foreach (var (key, value) in OwnLabels)
            copy.OwnLabels[key] = value;
        return copy;
    }

    /// <summary>Sets how many containers it has.</summary>
    public void SetScale(int count)
    {
        Definition["scale"] = ScalarValue.Of((long)count);
        if (Map("deploy") is { } deploy)
            deploy["replicas"] = ScalarValue.Of((long)count);
    }

    /// <summary>Forgets a dependency.</summary>
    public void RemoveDependency(string service)
    {
        Definition.Map("depends_on")?.Remove(service);
        _dependsOn = null;
    }

    private Dictionary<string, Dependency> ReadDependencies()
    {
        var dependencies = new Dictionary<string, Dependency>(StringComparer.Ordinal);
        if (Map("depends_on") is { } map)
            foreach (var (name, value) in map.Entries)
                if (value is MapValue dependency)
                    dependencies[name] = new Dependency(dependency.Text("condition"), dependency.Flag("restart"), dependency.Flag("required"));
        return dependencies;
    }
}
