using System.Collections.Concurrent;
using Gantry.Api.Model;
using Gantry.Engine.Containers;

namespace Gantry.Engine.Health;

/// <summary>
/// Probes the health of containers while they run. Between two probes of a container there is a timer and nothing else: neither a thread nor a process.
/// While no daemon runs nothing is probed; the next one goes on with what was known.
/// </summary>
internal sealed class HealthMonitors(HealthProbe probe, ContainerFolder folder, ContainerEvents events, TimeProvider clock, EngineLog log) : IDisposable
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = new();

    /// <summary>Told of each container that became unhealthy, without its gate.</summary>
    public event Action<Container, HealthCheck>? TurnedUnhealthy;

    /// <summary>Begins to probe a container that was started, thawed, or found running; nothing happens to one without a check.</summary>
    public void Watch(Container container)
    {
        if (HealthCheck.Of(container.Config) is not { } check)
            return;
        Unwatch(container);
        var stop = new CancellationTokenSource();
        _running[container.Id] = stop;
        _ = WatchAsync(container, check, stop.Token);
    }

    /// <summary>Ends the probes of a container that ended or was frozen; what one of them tells from now on does not count.</summary>
    public void Unwatch(Container container)
    {
        if (_running.TryRemove(container.Id, out var stop))
            stop.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var stop in _running.Values)
            stop.Cancel();
    }

    private async Task WatchAsync(Container container, HealthCheck check, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(NextPause(container, check), clock, stop);
                var result = await probe.RunAsync(container, check, stop);
                if (await RecordAsync(container, check, result, stop))
                    TurnedUnhealthy?.Invoke(container, check);
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e)
        {
            log.HealthNotProbed(container.Id, e);
        }
    }

    private TimeSpan NextPause(Container container, HealthCheck check)
    {
        var state = container.State;
        var isStarting = state.Health?.Status == HealthStates.Starting && clock.GetUtcNow() - state.StartedAt < check.StartPeriod;
        return isStarting ? check.StartInterval : check.Interval;
    }

    /// <returns>Whether the container became unhealthy.</returns>
    private async Task<bool> RecordAsync(Container container, HealthCheck check, HealthcheckResult result, CancellationToken stop)
    {
        using var gate = await ContainerGate.EnterAsync(container, stop);
        stop.ThrowIfCancellationRequested();
        var state = container.State;
        var before = state.Health ?? new Api.Model.Health { Status = HealthStates.Starting };
        var after = HealthStates.After(before, check, result, state.StartedAt ?? result.Start);
        container.State = state with { Health = after };
        // A disk that is written to at each probe would never sleep: what changes nothing is kept in memory.
        if (after.Status != before.Status || after.FailingStreak != before.FailingStreak)
            folder.WriteState(container);
        if (after.Status == before.Status)
            return false;
        events.Publish(container, $"health_status: {after.Status}");
        return after.Status == HealthStates.Unhealthy;
    }
}
