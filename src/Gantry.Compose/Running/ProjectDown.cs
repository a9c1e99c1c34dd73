using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>How a project is taken down.</summary>
public sealed record DownOptions
{
    /// <summary>The services that were asked for; empty for all.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Whether containers of services that are no more are removed too.</summary>
    public bool RemoveOrphans { get; init; }

    /// <summary>Which images are removed: <c>all</c>, <c>local</c> (those that were built or committed here), or empty for none.</summary>
    public string Images { get; init; } = "";

    /// <summary>The grace period in seconds, or null for the containers' own.</summary>
    public long? Timeout { get; init; }

    /// <summary>Whether volumes are removed too.</summary>
    public bool Volumes { get; init; }
}

/// <summary>Stops and removes a project: containers, each before what it depends on, then networks and, when asked to, volumes and images.</summary>
/// <param name="engine">The daemon.</param>
public sealed class ProjectDown(EngineAccess engine)
{
    /// <summary>Takes a project down.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="given">The project of the files, or null to go by what is there.</param>
    /// <param name="options">How.</param>
    public async Task DownAsync(string name, Project? given, DownOptions options)
    {
        // 1. What is there.
        var containers = await engine.ListAsync(name, options.RemoveOrphans ? null : false, all: true).ConfigureAwait(false);
        var project = given ?? await RunningProject.WithResourcesAsync(engine, name, containers).ConfigureAwait(false);
        given?.Check(options.Services);
        var affected = options.Services.Count == 0 ? null : options.Services.ToHashSet(StringComparer.Ordinal);

        // 2. Containers, before those they depend on.
        var stopper = new ContainerStopper(engine, new HookRunner(engine));
        var byService = containers.ToLookup(static container => container.ServiceName());
        await DependencyOrder.BackwardAsync(project, service => affected?.Contains(service.Name) == false
            ? null
            : () => service.Map("provider") is not null ? new ServiceProvider(engine, project).DownAsync(service)
            : Threads.ForEachAsync(byService[service.Name].ToArray(), container =>
                stopper.StopAndRemoveAsync(container, service, options.Timeout, options.Volumes)), engine.Limit).ConfigureAwait(false);
        if (options.RemoveOrphans)
            await Threads.ForEachAsync(containers.Where(container => container.IsOrphan(project)).ToArray(),
                container => stopper.StopAndRemoveAsync(container, null, options.Timeout, volumes: false)).ConfigureAwait(false);

        if (affected is null && (given is null || given.AllServices.Any(static service => service.Definition.Contains("pre_start"))))
            await PreStartRunner.RemoveAllAsync(engine, name).ConfigureAwait(false);

        // 3. What they used.
        if (containers.Count == 0 && project.Networks.Values.All(static network => network.Flag("external")))
            engine.Warn($"Warning: No resource found to remove for project \"{name}\".");
        List<Func<Task>> rest = [() => new ProjectNetworks(engine, stopper).RemoveAsync(project)];
        if (options.Volumes)
            rest.Add(() => new ProjectVolumes(engine, stopper, null).RemoveAsync(project));
        if (options.Images.Length > 0)
            rest.Add(() => new ProjectImages(engine).RemoveAsync(project, options));
        await Threads.ForEachAsync(rest, static work => work()).ConfigureAwait(false);
    }
}
