using Gantry.Engine.Health;
using Gantry.Engine.Hooks;
using Gantry.Engine.Mounts;
using Gantry.Engine.Networks;
using Gantry.Engine.Restart;
using Gantry.Os;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Containers;

/// <summary>Does what follows the end of a container's process: records it, frees what it held, tells those who wait, starts or removes it.</summary>
internal sealed class ContainerExitHandler(
    EnginePaths paths, ContainerFolder folder, ContainerEvents events, ProcessKeeper keeper, ContainerNetworks networks, RestartPolicies restarts,
    ContainerRemover remover, VolumeUsage volumes, HealthMonitors health, ContainerHooks hooks, BackgroundWork background, EngineLog log)
{
    /// <summary>Handles one end. Failures are logged: nobody waits for this task.</summary>
    public async Task HandleAsync(Container container, ProcessExit exit)
    {
        try
        {
            using (await ContainerGate.EnterAsync(container))
            {
                // Told twice, by the keeper's event and by what the reconciliation found; and started anew since.
                if (container.Run is { Process.Exit: null })
                    return;
                if (!container.State.IsRunning)
                {
                    // The daemon died before it learned that its start had worked: the process was ended with its cgroup.
                    await ForgetAsync(exit.Id);
                    return;
                }
                health.Unwatch(container);
                // Of a container whose end was not seen, what lies in its folder tells.
                var ended = container.Run is { } run ? run.Hooks : hooks.Restore(container);
                Free(container, out var outOfMemory);
                Record(container, exit, outOfMemory);
                await hooks.StoppedAsync(container, ended);
                // Whoever is told may start it anew at once: then the keeper must not hold the old process any more, nor its records lie there.
                if (!container.HostConfig.AutoRemove)
                    await ForgetAsync(exit.Id);
                Tell(container, exit, outOfMemory);
                volumes.Ended(container);
                await networks.ReleaseAsync(container);
                container.Signals.Exited(ContainerWaiter.Result(container.State));
            }

            if (!container.HostConfig.AutoRemove)
            {
                restarts.AfterExit(container);
                return;
            }
            // Clients of `run --rm` wait for the removal: it comes before what nobody waits for.
            await remover.RemoveAfterExitAsync(container);
            await ForgetAsync(exit.Id);
        }
        catch (Exception e)
        {
            log.ExitNotHandled(container.Id, e);
        }
    }

    /// <summary>Frees the cgroup and the root filesystem. What cannot be freed is logged: the end is the end all the same.</summary>
    private void Free(Container container, out bool outOfMemory)
    {
        var run = container.Run;
        container.Run = null;
        outOfMemory = false;
        if (run is null)
            return;
        try
        {
            // What the cgroup knows of an out-of-memory kill is read before it goes.
            outOfMemory = run.Cgroup.OomKillCount() > 0;
            // Without a process namespace of its own, what the first process started outlives it.
            if (container.HostConfig.PidMode.Length > 0)
                run.Cgroup.KillAll();
            run.Cgroup.Delete();
        }
        catch (OsException e)
        {
            log.NotFreed(container.Id, e);
        }
        volumes.Release(container, run.Volumes);
        if (run.RootMount is { } root)
            background.Run("unmount root filesystem", root.Dispose); // The last reference writes back what is dirty: up to 0.2 s.
    }

    private void Record(Container container, ProcessExit exit, bool outOfMemory)
    {
        container.State = container.State with
        {
            Status = restarts.WillRestart(container, exit.ExitCode) ? ContainerStatus.Restarting : ContainerStatus.Exited,
            Pid = 0,
            ExitCode = exit.ExitCode,
            Error = exit.Known ? "" : "the exit code is not known: daemon and keeper had both died when the process ended",
            OomKilled = outOfMemory,
            FinishedAt = exit.ExitedAt,
        };
        folder.WriteState(container);
    }

    private void Tell(Container container, ProcessExit exit, bool outOfMemory)
    {
        if (outOfMemory)
            events.Publish(container, "oom");
        var seconds = (long)((exit.ExitedAt - (container.State.StartedAt ?? exit.ExitedAt)).TotalSeconds);
        events.Publish(container, "die", ("exitCode", $"{exit.ExitCode}"), ("execDuration", $"{Math.Max(0, seconds)}"));
    }

    private async Task ForgetAsync(string id)
    {
        await keeper.ForgetAsync(id);
        ProcessRecords.Remove(paths, id);
    }
}
