using Gantry.Engine.Restart;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Containers;

/// <summary>Does what follows the end of a container's process: records it, frees what it held, tells those who wait, starts or removes it.</summary>
internal sealed class ContainerExitHandler(
    EnginePaths paths, ContainerFolder folder, ContainerEvents events, ProcessKeeper keeper, RestartPolicies restarts, ContainerRemover remover,
    BackgroundWork background, EngineLog log)
{
    /// <summary>Handles one end. Failures are logged: nobody waits for this task.</summary>
    public async Task HandleAsync(Container container, ProcessExit exit)
    {
        try
        {
            using (await ContainerGate.EnterAsync(container))
            {
                // Told twice: by the keeper's event, and by what the reconciliation found.
                if (!container.State.IsRunning)
                    return;
                Record(container, exit);
            }

            // Clients of `run --rm` wait for the removal: it comes before what nobody waits for.
            if (container.HostConfig.AutoRemove)
                await remover.RemoveAfterExitAsync(container);
            await keeper.ForgetAsync(exit.Id);
            background.Run("delete the keeper's records", () => ProcessRecords.Remove(paths, exit.Id));
            restarts.AfterExit(container);
        }
        catch (Exception e)
        {
            log.ExitNotHandled(container.Id, e);
        }
    }

    private void Record(Container container, ProcessExit exit)
    {
        // 1. Free the cgroup: what it knows of an out-of-memory kill is read before it goes.
        var run = container.Run;
        container.Run = null;
        var outOfMemory = run?.Cgroup.OomKillCount() > 0;
        run?.Cgroup.Delete();
        if (run?.RootMount is { } root)
            background.Run("unmount root filesystem", root.Dispose); // The last reference writes back what is dirty: up to 0.2 s.

        // 2. What is known of it from now on.
        var before = container.State;
        container.State = before with
        {
            Status = restarts.WillRestart(container, exit.ExitCode) ? ContainerStatus.Restarting : ContainerStatus.Exited,
            Pid = 0,
            ExitCode = exit.ExitCode,
            Error = exit.Known ? "" : "the exit code is not known: daemon and keeper had both died when the process ended",
            OomKilled = outOfMemory,
            FinishedAt = exit.ExitedAt,
        };
        folder.WriteState(container);

        // 3. Tell.
        if (outOfMemory)
            events.Publish(container, "oom");
        var seconds = (long)((exit.ExitedAt - (before.StartedAt ?? exit.ExitedAt)).TotalSeconds);
        events.Publish(container, "die", ("exitCode", $"{exit.ExitCode}"), ("execDuration", $"{Math.Max(0, seconds)}"));
        container.Signals.Exited(ContainerWaiter.Result(container.State));
    }
}
