using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>How a project is brought up.</summary>
public sealed record UpOptions
{
    /// <summary>The services that were asked for; empty for all.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>When containers of those are replaced.</summary>
    public RecreatePolicy Recreate { get; init; }

    /// <summary>When containers of what those depend on are replaced.</summary>
    public RecreatePolicy RecreateDependencies { get; init; }

    /// <summary>Whether containers are replaced one by one, each when the one before is healthy, and the old one goes on when it does not get there.</summary>
    public bool Rolling { get; init; }

    /// <summary>Whether anonymous volumes of replaced containers are kept.</summary>
    public bool Inherit { get; init; } = true;

    /// <summary>The grace period in seconds, or null for the containers' own.</summary>
    public long? Timeout { get; init; }

    /// <summary>Whether containers of services that are no more are removed.</summary>
    public bool RemoveOrphans { get; init; }

    /// <summary>Whether nothing is said of them.</summary>
    public bool IgnoreOrphans { get; init; }

    /// <summary>Whether all must be running or healthy at the end.</summary>
    public bool Wait { get; init; }

    /// <summary>How long that may take, or null for as long as it takes.</summary>
    public TimeSpan? WaitTimeout { get; init; }

    /// <summary>Asks whether a volume may be removed with its data, or null for no.</summary>
    public Func<string, bool>? Confirm { get; init; }
}

/// <summary>Brings what is there to what a project's files say: <c>up</c>, <c>create</c>, <c>scale</c>.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="images">Sees to the images.</param>
public sealed class ProjectUp(EngineAccess engine, ImageEnsurer images)
{
    /// <summary>Creates what is missing and replaces what has changed; starts nothing yet.</summary>
    /// <exception cref="ComposeException">Something of the project cannot be made.</exception>
    public async Task<PreparedProject> PrepareAsync(Project project, UpOptions options)
    {
        // 1. Images, networks, volumes.
        ContainerNames.CheckUnique(project);
        await new OneHostWarnings(engine).TellAsync(project).ConfigureAwait(false);
        await new ApiSocketAccess(engine).ApplyAsync(project).ConfigureAwait(false);
        await new ModelRunner(engine, project).EnsureAsync().ConfigureAwait(false);
        var stopper = new ContainerStopper(engine, new HookRunner(engine));
        using var early = await PresentObjects.AskAsync(engine, project).ConfigureAwait(false);
        var fetched = await images.EnsureAsync(project).ConfigureAwait(false);
        // What was there before images were pulled or built may be gone.
        using var present = fetched ? await PresentObjects.AskAsync(engine, project).ConfigureAwait(false) : early;
        var networks = await new ProjectNetworks(engine, stopper).EnsureAsync(project, await present.NetworksAsync().ConfigureAwait(false))
            .ConfigureAwait(false);
        await new ProjectVolumes(engine, stopper, options.Confirm).EnsureAsync(project, await present.VolumesAsync().ConfigureAwait(false))
            .ConfigureAwait(false);

        // 2. What is there; what belongs to no service any more.
        var containers = await present.ContainersAsync().ConfigureAwait(false);
        await OrphansAsync(project, containers, options, stopper).ConfigureAwait(false);

        // 3. Each service. One that takes its namespace, volumes or variables from another comes after that; when containers are there, dependents are stopped
        // with what they depend on, so that order counts for all.
        var state = new ObservedState(containers);
        var maker = new ContainerMaker(engine, project, images, state);
        var converger = new ServiceConverger(engine, project, state, maker, stopper, networks) { Inherit = options.Inherit, Rolling = options.Rolling,
            Timeout = options.Timeout };
        Func<Task>? Plan(Service service) =>
            converger.Plan(service, options.Services.Count == 0 || options.Services.Contains(service.Name) ? options.Recreate : options.RecreateDependencies);
        var inOrder = !state.IsEmpty;
        await DependencyOrder.VisitAsync(
            project, service =>
                service.DependsOn.Keys.Where(name => project.Services.ContainsKey(name)
                    && (inOrder || project.Services[name].Map("provider") is not null || RefersTo(service, name))), Plan, engine.Limit).ConfigureAwait(false);
        return new PreparedProject(project, state);
    }

    private static bool RefersTo(Service service, string other) =>
        ((string[])["network_mode", "ipc", "pid"]).Any(key => service.Text(key) == "service:" + other)
        || service.Definition.Texts("volumes_from").Concat(service.Definition.Texts("links")).Any(source => source.Split(':')[0] == other);

    private async Task OrphansAsync(Project project, List<ContainerSummary> containers, UpOptions options, ContainerStopper stopper)
    {
        var orphans = containers.Where(container => container.IsOrphan(project)).ToArray();
        if (orphans.Length == 0 || options.IgnoreOrphans)
            return;
        if (options.RemoveOrphans)
        {
            await Threads.ForEachAsync(orphans, container => stopper.StopAndRemoveAsync(container, null, options.Timeout, volumes: false))
                .ConfigureAwait(false);
            containers.RemoveAll(orphans.Contains);
            return;
        }
        engine.Warn($"Found orphan containers ([{string.Join(' ', orphans.Select(static container => container.Name()))}]) for this project. If you removed or renamed this service in your compose "
            + "file, you can run this command with the --remove-orphans flag to clean it up.");
    }
}
