using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>
/// Replaces the containers of a service one by one: the next one only when the new one is running or, with a health check, healthy. When one does not get
/// there, it is removed and the old one goes on. <c>deploy.update_config.order</c> tells whether the new one starts before the old one stops.
/// </summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="maker">Creates containers.</param>
internal sealed class RollingReplacer(EngineAccess engine, Project project, ContainerMaker maker)
{
    private static readonly TimeSpan s_defaultLimit = TimeSpan.FromMinutes(5);

    private readonly HookRunner _hooks = new(engine);
    private readonly FileInjector _files = new(engine, project);

    /// <summary>Replaces containers.</summary>
    /// <param name="service">The service, its references resolved.</param>
    /// <param name="outdated">The containers.</param>
    /// <param name="inherit">Whether their anonymous volumes are kept.</param>
    /// <param name="timeout">The grace period in seconds, or null for the containers' own.</param>
    /// <returns>The new containers, in the same order.</returns>
    /// <exception cref="ComposeException">A new container does not get healthy: the old one runs again.</exception>
    public async Task<IReadOnlyList<ContainerSummary>> ReplaceAsync(Service service, IReadOnlyList<ContainerSummary> outdated, bool inherit, long? timeout)
    {
        var update = service.Map("deploy")?.Map("update_config");
        var pause = TimeSpan.FromTicks((update?.Number("delay") ?? 0) / 100);
        var width = update?["parallelism"] is null ? 1 : update.Number("parallelism") is > 0 and var parallel ? (int)parallel : Math.Max(outdated.Count, 1);
        var replaced = new List<ContainerSummary>();
        foreach (var some in outdated.Chunk(width))
        {
            if (replaced.Count > 0)
                await Task.Delay(pause).ConfigureAwait(false);
            replaced.AddRange(await Task.WhenAll(some.Select(old => Threads.RunAsync(() => ReplaceOrKeepAsync(service, old, update, inherit, timeout)))).ConfigureAwait(false));
        }
        return replaced;
    }

    private async Task<ContainerSummary> ReplaceOrKeepAsync(Service service, ContainerSummary old, Values.MapValue? update, bool inherit, long? timeout)
    {
        try
        {
            return await ReplaceAsync(service, old, update?.Text("order") == "start-first", LimitOf(update), inherit, timeout).ConfigureAwait(false);
        }
        catch (ComposeException error) when (update?.Text("failure_action") == "continue")
        {
            engine.Warn(error.Message);
            return old;
        }
    }

    private static TimeSpan LimitOf(Values.MapValue? update) => update?.Number("monitor") is > 0 and var monitor ? TimeSpan.FromTicks(monitor / 100) : s_defaultLimit;

    private async Task<ContainerSummary> ReplaceAsync(Service service, ContainerSummary old, bool startFirst, TimeSpan limit, bool inherit, long? timeout)
    {
        engine.Progress.Working(old.Shown(), "Replacing");
        var (created, name) = await maker.CreateReplacementAsync(service, old, inherit).ConfigureAwait(false);
        var stopped = false;
        try
        {
            if (!startFirst && old.State == "running")
            {
                await engine.Client.StopContainerAsync(old.Id, null, timeout).ConfigureAwait(false);
                stopped = true;
            }
            await _files.InjectAsync(service, created).ConfigureAwait(false);
            await engine.Client.StartContainerAsync(created.Id).ConfigureAwait(false);
            await _hooks.RunAsync(created, service, "post_start").ConfigureAwait(false);
            await AwaitHealthAsync(created, service, limit).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClientException or ComposeException or OperationCanceledException)
        {
            await RollBackAsync(old, created, stopped).ConfigureAwait(false);
            var reason = error is OperationCanceledException ? $"not healthy after {DurationText.Format(limit.Ticks * 100)}" : error.Message;
            throw new ComposeException($"service {service.Name}: {reason}; {old.Name()} goes on as it was");
        }
        if (startFirst && old.State == "running")
            await engine.Client.StopContainerAsync(old.Id, null, timeout).ConfigureAwait(false);
        await engine.Client.RemoveContainerAsync(old.Id, volumes: false, link: false, force: true).ConfigureAwait(false);
        await engine.Client.RenameContainerAsync(created.Id, name).ConfigureAwait(false);
        engine.Progress.Done(old.Shown(), "Replaced");
        return created with { Names = ["/" + name], State = "running" };
    }

    private async Task AwaitHealthAsync(ContainerSummary created, Service service, TimeSpan limit)
    {
        using var time = new CancellationTokenSource(limit);
        var state = new ObservedState([created]);
        await new ConditionWaiter(engine, project, state).WaitAsync(
            service.Name, new Dictionary<string, Dependency> { [service.Name] = new(ConditionWaiter.RunningOrHealthy, false, true) }, time.Token).ConfigureAwait(false);
    }

    // Whatever fails here, the old container has to run again.
    private async Task RollBackAsync(ContainerSummary old, ContainerSummary created, bool stopped)
    {
        engine.Progress.Failed(old.Shown(), "Rolled back");
        try
        {
            await engine.Client.RemoveContainerAsync(created.Id, volumes: true, link: false, force: true).ConfigureAwait(false);
        }
        catch (ClientException error)
        {
            engine.Warn($"container {created.Name()} could not be removed: {error.Message}");
        }
        if (stopped)
            await engine.Client.StartContainerAsync(old.Id).ConfigureAwait(false);
    }
}
