using Gantry.Engine.Containers;
using Gantry.Engine.Health;
using Gantry.Oci;

namespace Gantry.Engine.Restart;

/// <summary>
/// Starts containers again as their restart policy says (<c>always</c>, <c>unless-stopped</c>, <c>on-failure[:n]</c>, <c>unhealthy[:n]</c>), after a pause that
/// doubles from 0.1 s to a minute with each failure and begins anew when a run lasted ten seconds.
/// </summary>
internal sealed class RestartPolicies(ContainerStarter starter, TimeProvider clock, EngineLog log) : IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_stableRun = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Whether a container that just ended with <paramref name="exitCode"/> is to be started again.</summary>
    public bool WillRestart(Container container, int exitCode)
    {
        var policy = container.HostConfig.RestartPolicy;
        if (container.State.StoppedByUser || _stopping.IsCancellationRequested)
            return false;
        return policy.Name switch
        {
            "always" or "unless-stopped" => true,
            "on-failure" => exitCode != 0 && (policy.MaximumRetryCount == 0 || container.State.RestartCount < policy.MaximumRetryCount),
            "unhealthy" => (exitCode != 0 || container.State.Health?.Status == HealthStates.Unhealthy)
                && (policy.MaximumRetryCount == 0 || container.State.RestartCount < policy.MaximumRetryCount),
            _ => false,
        };
    }

    /// <summary>Whether a container that does not run when the daemon starts is to be started.</summary>
    public static bool StartsWithDaemon(Container container) => container.HostConfig.RestartPolicy.Name switch
    {
        _ when container.State.Status is ContainerStatus.Restarting => true,
        "always" => container.State.StartedAt is not null,
        "unless-stopped" => container.State.StartedAt is not null && !container.State.StoppedByUser,
        _ => false,
    };

    /// <summary>Starts a container whose status is <see cref="ContainerStatus.Restarting"/> once its pause is over.</summary>
    public void AfterExit(Container container)
    {
        if (container.State.Status is ContainerStatus.Restarting)
            _ = RestartLaterAsync(container);
    }

    /// <summary>Starts a container that an earlier daemon, or the host's end, left stopped against its policy.</summary>
    public async Task StartWithDaemonAsync(Container container)
    {
        try
        {
            using (await ContainerGate.EnterAsync(container, _stopping.Token))
            {
                if (!container.State.IsRunning)
                    await StartAgainAsync(container, container.State.RestartCount);
            }
            AfterExit(container);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e)
        {
            log.RestartFailed(container.Id, e);
        }
    }

    /// <summary>From now on nothing is started again: the daemon ends, and the containers with it.</summary>
    public void Close() => _stopping.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task RestartLaterAsync(Container container)
    {
        try
        {
            while (container.State.Status is ContainerStatus.Restarting)
            {
                await Task.Delay(NextPause(container), clock, _stopping.Token);
                using var gate = await ContainerGate.EnterAsync(container, _stopping.Token);
                if (container.State.Status is not ContainerStatus.Restarting)
                    return; // Stopped or removed meanwhile.
                await StartAgainAsync(container, container.State.RestartCount + 1);
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops; the next one starts what its policy wants started.
        }
        catch (Exception e)
        {
            log.RestartFailed(container.Id, e);
        }
    }

    /// <summary>Starts it; when the keeper has just died, that is left to the next attempt.</summary>
    private async Task StartAgainAsync(Container container, int count)
    {
        try
        {
            await starter.StartHeldAsync(container, count);
        }
        catch (GantryException e) when (e.Kind is ErrorKind.Unavailable)
        {
            container.State = container.State with { Status = ContainerStatus.Restarting };
        }
    }

    private static TimeSpan NextPause(Container container)
    {
        var state = container.State;
        if (state.FinishedAt - state.StartedAt >= s_stableRun)
            container.RestartPause = TimeSpan.Zero;
        container.RestartPause = container.RestartPause == TimeSpan.Zero
            ? s_firstPause
            : TimeSpan.FromTicks(Math.Min(container.RestartPause.Ticks * 2, s_longestPause.Ticks));
        return container.RestartPause;
    }
}
