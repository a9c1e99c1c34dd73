using Gantry.Engine.Restart;

namespace Gantry.Engine.Containers;

/// <summary>Ends all containers, for a daemon that takes them with it (<c>"live-restore": false</c>).</summary>
public sealed class EngineShutdown
{
    private readonly ContainerRegistry _registry;
    private readonly ContainerStopper _stopper;
    private readonly RestartPolicies _restarts;
    private readonly EngineLog _log;

    internal EngineShutdown(ContainerRegistry registry, ContainerStopper stopper, RestartPolicies restarts, EngineLog log)
    {
        _registry = registry;
        _stopper = stopper;
        _restarts = restarts;
        _log = log;
    }

    /// <summary>
    /// Sends each its stop signal, waits as long as the one that needs longest may take, and kills what is left. Restart policies are left as they
    /// are: a daemon that starts again starts what had to end.
    /// </summary>
    /// <param name="timeout">How long at least; infinite: until all have ended.</param>
    public async Task RunAsync(TimeSpan timeout)
    {
        _restarts.Close();
        var running = _registry.List().Where(static container => container.State.IsRunning).ToList();
        // As docker: a container that was promised more time gets it.
        var longest = running.Select(static container => container.Config.StopTimeout ?? 0).DefaultIfEmpty().Max();
        var seconds = timeout == Timeout.InfiniteTimeSpan || longest < 0 ? -1 : Math.Max((int)timeout.TotalSeconds, longest);
        await Task.WhenAll(running.Select(container => EndAsync(container, seconds)));
    }

    private async Task EndAsync(Container container, int seconds)
    {
        try
        {
            await _stopper.EndWithDaemonAsync(container, seconds);
        }
        catch (Exception e)
        {
            _log.NotFreed(container.Id, e);
        }
    }
}
