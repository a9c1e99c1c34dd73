using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>The simple things that are done with the containers of a project's services.</summary>
/// <param name="engine">The daemon.</param>
public sealed class ProjectActions(EngineAccess engine)
{
    /// <summary>Stops containers, each before those it depends on.</summary>
    /// <param name="name">The project's name.</param>
    /// <param name="given">The project, or null to go by what is there.</param>
    /// <param name="services">The services; empty for all.</param>
    /// <param name="timeout">The grace period in seconds, or null for the containers' own.</param>
    /// <param name="stopped">Whether it is told of those, too, that have ended already.</param>
    public async Task StopAsync(string name, Project? given, IReadOnlyList<string> services, long? timeout, bool stopped = false)
    {
        var containers = await engine.ListAsync(name, false, all: true).ConfigureAwait(false);
        var project = given ?? RunningProject.Of(name, containers);
        var stopper = new ContainerStopper(engine, new HookRunner(engine));
        await DependencyOrder.BackwardAsync(project, service => !Selected(services, service.Name)
            ? null
            : () => service.Map("provider") is not null
                ? new ServiceProvider(engine, project).StopAsync(service)
                : Threads.ForEachAsync(containers.Where(container => container.ServiceName() == service.Name).ToArray(), container =>
                    stopper.StopAsync(container, service, timeout)), engine.Limit).ConfigureAwait(false);
    }

    /// <summary>Starts containers that are there, each after those it depends on.</summary>
    public async Task StartAsync(string name, Project? given, IReadOnlyList<string> services, bool wait, TimeSpan? timeout)
    {
        var containers = await engine.ListAsync(name, false, all: true).ConfigureAwait(false);
        var project = given ?? RunningProject.Of(name, containers);
        if (given is null)
            project.Select(services);
        await new ServiceStarter(engine, project, new ObservedState(containers)) { MustExist = services.Count == 0 }.StartAsync(wait, timeout)
            .ConfigureAwait(false);
    }

    /// <summary>Restarts containers; those that depend on them and want it are restarted too.</summary>
    public async Task RestartAsync(string name, Project? given, IReadOnlyList<string> services, long? timeout, bool dependents)
    {
        var containers = await engine.ListAsync(name, false, all: true).ConfigureAwait(false);
        if (containers.Count == 0)
            return;
        var project = given ?? RunningProject.Of(name, containers);
        foreach (var service in services)
            project.Service(service);
        var affected = services.Count == 0 ? [.. project.Services.Keys] : services.ToHashSet(StringComparer.Ordinal);
        if (dependents)
            foreach (var service in project.Services.Values.Where(service =>
                service.DependsOn.Any(dependency => dependency.Value.Restart && affected.Contains(dependency.Key))).ToArray())
                affected.Add(service.Name);
        var hooks = new HookRunner(engine);
        await DependencyOrder.ForwardAsync(project, service => !affected.Contains(service.Name)
            ? null
            : () => Threads.ForEachAsync(containers.Where(container => container.ServiceName() == service.Name).ToArray(), container =>
                ActAsync(container, "Restarting", "Started", async id =>
            {
                if (container.State == "running")
                    await hooks.RunAsync(container, service, "pre_stop").ConfigureAwait(false);
                await engine.Client.RestartContainerAsync(id, null, timeout).ConfigureAwait(false);
                await hooks.RunAsync(container, service, "post_start").ConfigureAwait(false);
            })), engine.Limit).ConfigureAwait(false);
    }

    /// <summary>Sends a signal to running containers.</summary>
    /// <returns>Whether there was any.</returns>
    public async Task<bool> KillAsync(string name, Project? project, IReadOnlyList<string> services, string? signal, bool removeOrphans)
    {
        var containers = await engine.ListAsync(name, null, all: false, services).ConfigureAwait(false);
        if (project is not null && services.Count == 0)
            containers.RemoveAll(container => !project.Services.ContainsKey(container.ServiceName()) && !removeOrphans);
        if (containers.Count == 0)
            return false;
        await Threads.ForEachAsync(containers, container => ActAsync(container, "Killing", "Killed", id => engine.Client.KillContainerAsync(id, signal)))
            .ConfigureAwait(false);
        return true;
    }

    /// <summary>Freezes containers.</summary>
    public Task PauseAsync(string name, IReadOnlyList<string> services) => EachAsync(name, services, "Paused", id => engine.Client.PauseContainerAsync(id));

    /// <summary>Lets frozen containers go on.</summary>
    public Task UnpauseAsync(string name, IReadOnlyList<string> services) =>
        EachAsync(name, services, "Unpaused", id => engine.Client.UnpauseContainerAsync(id));

    /// <summary>The stopped containers of services, which <c>rm</c> removes.</summary>
    public async Task<IReadOnlyList<ContainerSummary>> StoppedAsync(string name, IReadOnlyList<string> services) =>
        [.. (await engine.ListAsync(name, false, all: true, services).ConfigureAwait(false))
            .Where(static container => container.State is not ("running" or "restarting" or "paused"))];

    /// <summary>Removes containers.</summary>
    public Task RemoveAsync(IReadOnlyCollection<ContainerSummary> containers, bool volumes)
    {
        var stopper = new ContainerStopper(engine, new HookRunner(engine));
        return Threads.ForEachAsync(containers, container => stopper.RemoveAsync(container, volumes, force: false));
    }

    private static bool Selected(IReadOnlyList<string> services, string name) => services.Count == 0 || services.Contains(name);

    private async Task EachAsync(string name, IReadOnlyList<string> services, string done, Func<string, Task> act)
    {
        var containers = await engine.ListAsync(name, false, all: false, services).ConfigureAwait(false);
        await Threads.ForEachAsync(containers, async container =>
        {
            await act(container.Id).ConfigureAwait(false);
            engine.Progress.Done(container.Shown(), done);
        }).ConfigureAwait(false);
    }

    private async Task ActAsync(ContainerSummary container, string working, string done, Func<string, Task> act)
    {
        engine.Progress.Working(container.Shown(), working);
        try
        {
            await act(container.Id).ConfigureAwait(false);
        }
        catch (ClientException error)
        {
            engine.Progress.Failed(container.Shown(), error.Message);
            throw;
        }
        engine.Progress.Done(container.Shown(), done);
    }
}
