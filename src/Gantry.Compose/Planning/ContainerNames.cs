using Gantry.Compose.Model;

namespace Gantry.Compose.Planning;

/// <summary>The names of containers.</summary>
public static class ContainerNames
{
    /// <summary>The name of a service's container.</summary>
    /// <param name="project">The project.</param>
    /// <param name="service">The service.</param>
    /// <param name="number">The container's number, from 1.</param>
    public static string Of(Project project, Service service, int number) => service.Text("container_name") is { Length: > 0 } given
        ? given
        : string.Join(project.Separator, project.Name, service.Name, number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Checks that no two services give their container the same name.</summary>
    /// <exception cref="ComposeException">Two do.</exception>
    public static void CheckUnique(Project project)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in project.Services.Values)
            if (service.Text("container_name") is { Length: > 0 } name && !names.TryAdd(name, service.Name))
                throw new ComposeException(
                    $"{service.WhereOf("container_name")}services.{service.Name}: container name \"{name}\" is already in use by service {names[name]}");
    }
}
