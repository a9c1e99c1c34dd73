using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>
/// One container that takes the place of another. Until <see cref="CommitAsync"/> the old one is there, under its name; <see cref="RollBackAsync"/> lets it run
/// again.
/// </summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="state">The containers that are there, by service.</param>
/// <param name="service">The service, its references resolved.</param>
/// <param name="old">The container that is replaced.</param>
/// <param name="timeout">The grace period in seconds, or null for the containers' own.</param>
internal sealed class ContainerSwap(EngineAccess engine, Project project, ObservedState state, Service service, ContainerSummary old, long? timeout)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly HookRunner _hooks = new(engine);
    private readonly bool _ran = old.State == "running";
    private ContainerSummary? _created;
    private string _name = "";
    private bool _stopped;

    /// <summary>The container that is replaced.</summary>
    public ContainerSummary Old => old;

    /// <summary>Creates and starts the new container, stops the old one, and waits until the new one is running or, with a health check, healthy.</summary>
    /// <exception cref="ComposeException">It does not get there: the old one runs again.</exception>
    public async Task BeginAsync(ContainerMaker maker, bool inherit, UpdatePlan plan)
    {
        engine.Progress.Working(old.Shown(), "Replacing");
        try
        {
            (_created, _name) = await maker.CreateReplacementAsync(service, old, inherit).ConfigureAwait(false);
            if (!plan.StartFirst)
                await StopOldAsync().ConfigureAwait(false);
            await new FileInjector(engine, project).InjectAsync(service, _created).ConfigureAwait(false);
            await new PreStartRunner(engine, project, state).RunAsync(project.Service(service.Name), [_created]).ConfigureAwait(false);
            await engine.Client.StartContainerAsync(_created.Id).ConfigureAwait(false);
            await _hooks.RunAsync(_created, service, "post_start").ConfigureAwait(false);
            await AwaitHealthAsync(_created, plan).ConfigureAwait(false);
            if (plan.StartFirst)
                await StopOldAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClientException or ComposeException or OperationCanceledException)
        {
            var reason = error is OperationCanceledException ? $"not healthy after {DurationText.Format(UpdatePlan.Patience.Ticks * 100)}" : error.Message;
            engine.Progress.Failed(old.Shown(), "Rolled back");
            await RemoveNewAsync().ConfigureAwait(false);
            if (_stopped)
                await engine.Client.StartContainerAsync(old.Id).ConfigureAwait(false);
            throw new ComposeException($"service {service.Name}: {reason}; {old.Name()} goes on as it was");
        }
        engine.Progress.Done(old.Shown(), "Replaced");
    }

    /// <summary>Removes the old container and gives its name to the new one.</summary>
    /// <returns>The new container.</returns>
    public async Task<ContainerSummary> CommitAsync()
    {
        await engine.Client.RemoveContainerAsync(old.Id, volumes: false, link: false, force: true).ConfigureAwait(false);
        await engine.Client.RenameContainerAsync(_created!.Id, _name).ConfigureAwait(false);
        return _created with { Names = ["/" + _name], State = "running" };
    }

    /// <summary>Takes a replacement back that had succeeded: the old container runs again, the new one is removed.</summary>
    /// <exception cref="ClientException">The old container does not start.</exception>
    /// <exception cref="OperationCanceledException">It does not get healthy in time.</exception>
    /// <exception cref="ComposeException">It ends or gets unhealthy.</exception>
    public async Task RollBackAsync(UpdatePlan plan)
    {
        engine.Progress.Working(old.Shown(), "Rolling back");
        if (!plan.StartFirst)
            await RemoveNewAsync().ConfigureAwait(false);
        if (_ran)
        {
            await engine.Client.StartContainerAsync(old.Id).ConfigureAwait(false);
            await _hooks.RunAsync(old, service, "post_start").ConfigureAwait(false);
            await AwaitHealthAsync(old, plan).ConfigureAwait(false);
        }
        if (plan.StartFirst)
            await RemoveNewAsync().ConfigureAwait(false);
        engine.Progress.Done(old.Shown(), "Rolled back");
    }

    private async Task StopOldAsync()
    {
        if (!_ran)
            return;
        await _hooks.RunAsync(old, service, "pre_stop").ConfigureAwait(false);
        await engine.Client.StopContainerAsync(old.Id, null, timeout).ConfigureAwait(false);
        _stopped = true;
    }

    private async Task AwaitHealthAsync(ContainerSummary container, UpdatePlan plan)
    {
        using var time = new CancellationTokenSource(UpdatePlan.Patience);
        await new ConditionWaiter(engine, project, new ObservedState([container])).WaitAsync(
            service.Name, new Dictionary<string, Dependency> { [service.Name] = new(ConditionWaiter.RunningOrHealthy, false, true) }, time.Token)
                .ConfigureAwait(false);

        // What nothing checks may end right after its start.
        var begun = await engine.Client.InspectContainerAsync(container.Id).ConfigureAwait(false);
        var watched = plan.Monitor ?? (begun.State.Health is null ? s_shortest : TimeSpan.Zero);
        for (var end = DateTime.UtcNow + watched; DateTime.UtcNow < end && !engine.IsDryRun;)
        {
            await Task.Delay(s_interval, time.Token).ConfigureAwait(false);
            var state = (await engine.Client.InspectContainerAsync(container.Id).ConfigureAwait(false)).State;
            if (!state.Running || state.StartedAt != begun.State.StartedAt || state.Health?.Status == "unhealthy")
                throw new ComposeException(state.Running ? $"container {container.Name()} did not stay healthy"
                    : $"container {container.Name()} exited ({state.ExitCode})");
        }
    }

    // Whatever fails here, the old container has to run again.
    private async Task RemoveNewAsync()
    {
        if (_created is null)
            return;
        try
        {
            await engine.Client.RemoveContainerAsync(_created.Id, volumes: true, link: false, force: true).ConfigureAwait(false);
        }
        catch (ClientException error)
        {
            engine.Warn($"container {_created.Name()} could not be removed: {error.Message}");
        }
    }
}
