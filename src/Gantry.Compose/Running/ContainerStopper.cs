using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>Stops and removes single containers.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="hooks">Runs what a service wants to be run before its stop.</param>
internal sealed class ContainerStopper(EngineAccess engine, HookRunner hooks)
{
    /// <summary>Stops a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="service">Its service, or null when it has none any more.</param>
    /// <param name="timeout">The grace period in seconds, or null for the container's own.</param>
    /// <returns>Whether it is there at all.</returns>
    public async Task<bool> StopAsync(ContainerSummary container, Service? service, long? timeout)
    {
        engine.Progress.Working(container.Shown(), "Stopping");
        try
        {
            if (container.State is "running" or "paused" && service is not null)
                await hooks.RunAsync(container, service, "pre_stop").ConfigureAwait(false);
            // One that does not run is stopped: that needs no call.
            if (container.State is not ("exited" or "created" or "dead"))
                await engine.Client.StopContainerAsync(container.Id, null, timeout).ConfigureAwait(false);
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            return false;
        }
        catch (ClientException)
        {
            engine.Progress.Failed(container.Shown(), "Error while Stopping");
            throw;
        }
        engine.Progress.Done(container.Shown(), "Stopped");
        return true;
    }

    /// <summary>Stops a container and removes it.</summary>
    public async Task StopAndRemoveAsync(ContainerSummary container, Service? service, long? timeout, bool volumes)
    {
        if (await StopAsync(container, service, timeout).ConfigureAwait(false))
            await RemoveAsync(container, volumes, force: true).ConfigureAwait(false);
        else
            engine.Progress.Done(container.Shown(), "Removed");
    }

    /// <summary>Removes a container.</summary>
    public async Task RemoveAsync(ContainerSummary container, bool volumes, bool force)
    {
        engine.Progress.Working(container.Shown(), "Removing");
        try
        {
            await engine.Client.RemoveContainerAsync(container.Id, volumes, link: false, force).ConfigureAwait(false);
        }
        catch (ClientException error) when (error.Status is 404 or 409)
        {
            // It is gone, or on its way: `--rm` was faster.
        }
        catch (ClientException)
        {
            engine.Progress.Failed(container.Shown(), "Error while Removing");
            throw;
        }
        engine.Progress.Done(container.Shown(), "Removed");
    }
}
