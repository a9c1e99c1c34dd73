using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Engine.Health;

/// <summary>
/// What follows when a container becomes unhealthy, if its user wants anything to: <c>--health-on-failure</c>, and the restart policy
/// <c>unhealthy[:n]</c>, which ends it and so has it started again, with the pauses and the count of any other restart.
/// </summary>
internal sealed class HealthActions(ContainerStopper stopper, EngineLog log)
{
    private const int Kill = 9;

    /// <summary>Acts, in the background: nobody waits for it.</summary>
    public void Handle(Container container, HealthCheck check) => _ = HandleAsync(container, check);

    private async Task HandleAsync(Container container, HealthCheck check)
    {
        try
        {
            switch (check.OnFailure)
            {
                case "kill" when container.Run is { } run:
                    // Not as by a user: a restart policy may start it again.
                    PidFd.SendSignal(run.Process.PidFd, Kill);
                    return;
                case "stop":
                    await stopper.StopAsync(container, null, null, CancellationToken.None);
                    return;
                case "restart":
                    await stopper.RestartAsync(container, null, null, CancellationToken.None);
                    return;
            }
            if (IsRestarted(container))
                await stopper.EndForRestartAsync(container);
        }
        catch (Exception e) when (e is GantryException or OsException or InvalidOperationException)
        {
            log.UnhealthyNotHandled(container.Id, e); // It ended, or was removed, meanwhile.
        }
    }

    /// <summary>Whether the policy starts it once more: one that it would only end runs on.</summary>
    private static bool IsRestarted(Container container)
    {
        var policy = container.HostConfig.RestartPolicy;
        return policy.Name == "unhealthy" && (policy.MaximumRetryCount == 0 || container.State.RestartCount < policy.MaximumRetryCount);
    }
}
