using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>A project as its containers, networks and volumes tell of it, when there are no files at hand.</summary>
public static class RunningProject
{
    /// <summary>The project that containers belong to.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="containers">Its containers.</param>
    public static Project Of(string name, IEnumerable<ContainerSummary> containers)
    {
        var project = new Project { Name = name, WorkingFolder = "" };
        foreach (var group in containers.Where(static container => !container.IsOneOff()).GroupBy(static container => container.ServiceName()))
        {
            var definition = new MapValue();
            definition["image"] = ScalarValue.Of(group.First().Image);
            definition["scale"] = ScalarValue.Of((long)group.Count());
            var dependencies = new MapValue();
            foreach (var entry in group.First().Labels.GetValueOrDefault(Labels.DependsOn, "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = entry.Split(':');
                var dependency = new MapValue();
                dependency["condition"] = ScalarValue.Of(parts.Length > 1 ? parts[1] : "running_or_healthy");
                dependency["restart"] = ScalarValue.Of(parts.Length < 3 || parts[2] == "true");
                dependency["required"] = ScalarValue.Of(false);
                dependencies[parts[0]] = dependency;
            }
            definition["depends_on"] = dependencies;
            project.Services[group.Key] = new Service(group.Key, definition);
        }
        return project;
    }

    /// <summary>The project that containers belong to, with its networks and volumes.</summary>
    public static async Task<Project> WithResourcesAsync(EngineAccess engine, string name, IReadOnlyList<ContainerSummary> containers)
    {
        var project = Of(name, containers);
        var filter = new Client.Filters().Add("label", $"{Labels.Project}={name}");
        foreach (var network in await engine.Client.ListNetworksAsync(filter).ConfigureAwait(false))
            project.Networks[network.Labels.GetValueOrDefault(Labels.Network, network.Name)] = Named(network.Name);
        foreach (var volume in (await engine.Client.ListVolumesAsync(filter).ConfigureAwait(false)).Volumes)
            project.Volumes[volume.Labels?.GetValueOrDefault(Labels.Volume) ?? volume.Name] = Named(volume.Name);
        return project;
    }

    private static MapValue Named(string name)
    {
        var map = new MapValue();
        map["name"] = ScalarValue.Of(name);
        return map;
    }
}
