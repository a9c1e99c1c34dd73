using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>Makes, and removes, the volumes of a project.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="stopper">Stops containers whose volume has to be made anew.</param>
/// <param name="confirm">Asks whether a volume may be removed with its data, or null for no.</param>
internal sealed class ProjectVolumes(EngineAccess engine, ContainerStopper stopper, Func<string, bool>? confirm)
{
    /// <summary>Makes the volumes that are missing.</summary>
    /// <param name="project">The project.</param>
    /// <param name="present">The volumes that are there.</param>
    /// <exception cref="ComposeException">An external volume is missing.</exception>
    public async Task EnsureAsync(Project project, IReadOnlyList<VolumeResource> present)
    {
        var byName = present.ToDictionary(static volume => volume.Name, StringComparer.Ordinal);
        await Threads.ForEachAsync(project.Volumes, volume => EnsureAsync(project, volume.Key, volume.Value, byName)).ConfigureAwait(false);
    }

    /// <summary>Removes the volumes of a project.</summary>
    public Task RemoveAsync(Project project) =>
        Threads.ForEachAsync([.. project.Volumes.Values.Where(static volume => !volume.Flag("external"))], async volume =>
    {
        var id = $"Volume {volume.Text("name")}";
        engine.Progress.Working(id, "Removing");
        try
        {
            await engine.Client.RemoveVolumeAsync(volume.Text("name"), force: true).ConfigureAwait(false);
            engine.Progress.Done(id, "Removed");
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            engine.Progress.Done(id, "Warning: No resource found to remove");
        }
        catch (ClientException error) when (error.Status == 409)
        {
            engine.Progress.Warned(id, "Resource is still in use");
        }
    });

    private async Task EnsureAsync(Project project, string key, MapValue volume, Dictionary<string, VolumeResource> present)
    {
        var name = volume.Text("name");
        if (!present.TryGetValue(name, out var found))
        {
            if (volume.Flag("external"))
                throw new ComposeException($"external volume \"{name}\" not found");
            await CreateAsync(project, key, volume).ConfigureAwait(false);
            return;
        }
        if (volume.Flag("external"))
            return;
        var owner = found.Labels?.GetValueOrDefault(Labels.Project);
        if (owner is null)
            engine.Warn($"volume \"{name}\" already exists but was not created by Docker Compose. Use `external: true` to use an existing volume");
        else if (owner != project.Name)
            engine.Warn($"volume \"{name}\" already exists but was created for project \"{owner}\" (expected \"{project.Name}\"). Use `external: true` to use an existing volume");
        if (found.Labels?.GetValueOrDefault(Labels.ConfigHash) is { } hash && hash != ConfigHash.OfVolume(volume)
            && confirm?.Invoke($"Volume \"{name}\" exists but doesn't match configuration in compose file. Recreate (data will be lost)?") == true)
        {
            await RemoveDivergedAsync(project, key, name).ConfigureAwait(false);
            await CreateAsync(project, key, volume).ConfigureAwait(false);
        }
    }

    private async Task CreateAsync(Project project, string key, MapValue volume)
    {
        var id = $"Volume {volume.Text("name")}";
        engine.Progress.Working(id, "Creating");
        var labels = volume.TextMap("labels");
        (labels[Labels.Volume], labels[Labels.Project], labels[Labels.Version], labels[Labels.ConfigHash]) = (
            key, project.Name, Labels.ComposeVersion, ConfigHash.OfVolume(volume));
        await engine.Client.CreateVolumeAsync(new VolumeCreateRequest
        {
            Name = volume.Text("name"),
            Driver = volume.Text("driver"),
            DriverOpts = volume.TextMap("driver_opts"),
            Labels = labels,
        }).ConfigureAwait(false);
        engine.Progress.Done(id, "Created");
    }

    private async Task RemoveDivergedAsync(Project project, string key, string name)
    {
        var services = project.Services.Values.Where(service => service.Maps("volumes").Any(volume => volume.Text("source") == key))
            .Select(static service => service.Name).ToArray();
        var containers = (await engine.ListAsync(project.Name, false, all: true).ConfigureAwait(false))
            .Where(container => services.Contains(container.ServiceName())).ToArray();
        await Threads.ForEachAsync(containers, container =>
            stopper.StopAndRemoveAsync(container, project.Services[container.ServiceName()], null, volumes: false)).ConfigureAwait(false);
        await engine.Client.RemoveVolumeAsync(name, force: true).ConfigureAwait(false);
    }
}
