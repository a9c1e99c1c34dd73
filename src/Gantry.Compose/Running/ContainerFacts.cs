using System.Globalization;
using Gantry.Api.Model;
using Gantry.Compose.Planning;

namespace Gantry.Compose.Running;

/// <summary>What a container's summary tells of its place in a project.</summary>
public static class ContainerFacts
{
    /// <summary>Its name, without the slash.</summary>
    public static string Name(this ContainerSummary container)
    {
        // A link is a further name with a slash inside.
        var name = container.Names.FirstOrDefault(static name => name.LastIndexOf('/') == 0) ?? container.Names.FirstOrDefault()
            ?? container.Id[..Math.Min(12, container.Id.Length)];
        return name.TrimStart('/');
    }

    /// <summary>Its service, or empty.</summary>
    public static string ServiceName(this ContainerSummary container) => container.Labels.GetValueOrDefault(Labels.Service, "");

    /// <summary>Its number within the service; 0 when it has none.</summary>
    public static int Number(this ContainerSummary container) =>
        int.TryParse(container.Labels.GetValueOrDefault(Labels.Number), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Whether it is one of <c>run</c>.</summary>
    public static bool IsOneOff(this ContainerSummary container) => container.Labels.GetValueOrDefault(Labels.OneOff) == "True";

    /// <summary>Its name in progress.</summary>
    public static string Shown(this ContainerSummary container) => "Container " + container.Name();

    /// <summary>Its name without that of the project, as logs show it.</summary>
    public static string ShortName(this ContainerSummary container)
    {
        var name = container.Name();
        var project = container.Labels.GetValueOrDefault(Labels.Project, "");
        var service = container.ServiceName();
        var ours = project.Length > 0 && name.StartsWith(project, StringComparison.Ordinal) && name.Length > project.Length + 1
            && name[project.Length] is '-' or '_';
        return !ours || service.Length == 0 ? name : name[(project.Length + 1)..];
    }

    /// <summary>Whether it belongs to no service of a project any more.</summary>
    public static bool IsOrphan(this ContainerSummary container, Model.Project project)
    {
        if (container.IsOneOff())
            return container.State is "exited" or "dead";
        var service = container.ServiceName();
        return !project.Services.ContainsKey(service) && !project.DisabledServices.ContainsKey(service);
    }
}
