using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>Starts the containers of services, each service after what it depends on is in the state it needs.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="state">The containers.</param>
internal sealed class ServiceStarter(EngineAccess engine, Project project, ObservedState state)
{
    // Ports of a range are given out in the order of starts.
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly ConditionWaiter _waiter = new(engine, project, state);
    private HookRunner Hooks =>
        new(engine) { OpenOutput = HookOutput is { } printer ? container => printer.Open(container.ShortName() + " ->", isError: false) : null };

    private readonly FileInjector _files = new(engine, project);

    /// <summary>Called for each container right before its start, or null.</summary>
    public Func<ContainerSummary, Task>? Starting { get; init; }

    /// <summary>Takes the output of what services want to be run before and after their start; null when nobody reads it.</summary>
    public LogPrinter? HookOutput { get; init; }

    /// <summary>Whether each service must have a container.</summary>
    public bool MustExist { get; init; } = true;

    /// <summary>Starts all services.</summary>
    /// <param name="wait">Whether all must be running or healthy at the end.</param>
    /// <param name="timeout">How long that may take, or null for as long as it takes.</param>
    /// <exception cref="ComposeException">A container does not start, or what it depends on fails.</exception>
    public async Task StartAsync(bool wait, TimeSpan? timeout)
    {
        using var limit = timeout is null ? new CancellationTokenSource() : new CancellationTokenSource(timeout.Value);
        try
        {
            await DependencyOrder.ForwardAsync(project, service => IsUp(service) ? null : () => StartAsync(service, limit.Token), engine.Limit)
                .ConfigureAwait(false);
            if (wait)
                await _waiter.WaitAsync(project.Name,
                    project.Services.Keys.ToDictionary(static name => name, name => new Dependency(ConditionOf(name), false, true)), limit.Token)
                    .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout is not null)
        {
            throw new ComposeException($"application not healthy after {DurationText.Format(timeout.Value.Ticks * 100)}");
        }
    }

    // A service that others want to be completed would never stay running.
    private string ConditionOf(string name) =>
        project.Services.Values.Any(service =>
            service.DependsOn.TryGetValue(name, out var dependency) && dependency.Condition == "service_completed_successfully")
            ? "service_completed_successfully"
            : ConditionWaiter.RunningOrHealthy;

    private bool IsUp(Service service)
    {
        if (service.Map("deploy") is { } deploy && deploy["replicas"] is not null && deploy.Number("replicas") == 0)
            return true;
        return !_waiter.HasToWait(service.DependsOn) && state.Of(service.Name) is { Count: > 0 } containers
            && containers.All(static container => container.State == "running");
    }

    private async Task StartAsync(Service service, CancellationToken cancellation)
    {
        await _waiter.WaitAsync(service.Name, service.DependsOn, cancellation).ConfigureAwait(false);
        var containers = state.Of(service.Name);
        if (containers.Count == 0 && MustExist && service.Scale > 0 && service.Map("provider") is null)
            throw new ComposeException($"service \"{service.Name}\" has no container to start");
        var toStart = containers.Where(static container => container.State != "running").ToArray();
        var ranged = service.Maps("ports").Any(static port => port.Text("published").Contains('-', StringComparison.Ordinal));
        if (toStart.Length > 0)
            await new PreStartRunner(engine, project, state) { Output = HookOutput }.RunAsync(service, toStart).ConfigureAwait(false);
        await Threads.ForEachAsync(toStart, container => StartAsync(service, container, ranged)).ConfigureAwait(false);
        state.Set(service.Name, containers.Select(static container => container with { State = "running" }));
    }

    private async Task StartAsync(Service service, ContainerSummary container, bool ranged)
    {
        await _files.InjectAsync(service, container).ConfigureAwait(false);
        if (Starting is not null)
            await Starting(container).ConfigureAwait(false);
        engine.Progress.Working(container.Shown(), "Starting");
        if (ranged)
            await _oneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            await engine.Client.StartContainerAsync(container.Id).ConfigureAwait(false);
        }
        finally
        {
            if (ranged)
                _oneAtATime.Release();
        }
        await Hooks.RunAsync(container, service, "post_start").ConfigureAwait(false);
        engine.Progress.Done(container.Shown(), "Started");
    }
}
