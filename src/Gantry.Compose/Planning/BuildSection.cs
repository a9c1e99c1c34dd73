using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>What a service's <c>build</c> says, in the forms in which daemons are asked.</summary>
/// <param name="project">The project.</param>
/// <param name="service">A service that is built.</param>
public sealed class BuildSection(Project project, Service service)
{
    private const string ServiceContext = "service:";

    /// <summary>The section itself.</summary>
    public MapValue Definition { get; } = service.Map("build")!;

    /// <summary>The first name of the image.</summary>
    public string Image { get; } = service.ImageOrDefault(project.Name, project.Separator);

    /// <summary>The services whose images this one is made from.</summary>
    public IEnumerable<string> Bases =>
        Definition.TextMap("additional_contexts").Values.Where(IsService).Select(static place => place[ServiceContext.Length..]);

    /// <summary>All names of the image.</summary>
    public IReadOnlyList<string> Tags => [Image, .. Definition.Texts("tags")];

    /// <summary>The arguments of the build; one without a value is left to the Dockerfile.</summary>
    /// <param name="changes">Those of the command line, which win.</param>
    public SortedDictionary<string, string> Arguments(IReadOnlyDictionary<string, string> changes)
    {
        var arguments = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Definition.Map("args")?.Entries ?? [])
            if (!value.IsNull)
                arguments[name] = value.ToString()!;
        foreach (var (name, value) in changes)
            arguments[name] = value;
        return arguments;
    }

    /// <summary>The labels of the image.</summary>
    public SortedDictionary<string, string> ImageLabels()
    {
        var labels = Definition.TextMap("labels");
        labels[Labels.Project] = project.Name;
        labels[Labels.Service] = service.Name;
        labels[Labels.Version] = Labels.ComposeVersion;
        return labels;
    }

    /// <summary>Further names of hosts, as <c>name:address</c>.</summary>
    public List<string> Hosts() => [.. (Definition.Map("extra_hosts")?.Entries ?? [])
        .SelectMany(static host => ((ListValue)host.Value).Items.Select(address => $"{host.Key}:{address}"))];

    /// <summary>Further contexts: names, and where they are; another service's image by its name.</summary>
    /// <param name="built">Whether the images of other services are there; else an empty image stands for them.</param>
    public Dictionary<string, string> Contexts(bool built) =>
        Definition.TextMap("additional_contexts").ToDictionary(static context => context.Key, context => IsService(context.Value)
        ? "docker-image://" + (!built ? "scratch" : project.Buildable(context.Value[ServiceContext.Length..]).ImageOrDefault(project.Name, project.Separator))
        : context.Value);

    private static bool IsService(string place) => place.StartsWith(ServiceContext, StringComparison.Ordinal);
}
