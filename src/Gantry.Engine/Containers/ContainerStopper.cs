using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Processes;

namespace Gantry.Engine.Containers;

/// <summary>Ends a container's process, politely or not.</summary>
public sealed class ContainerStopper
{
    private const int DefaultTimeoutSeconds = 10;
    private const string DefaultSignal = "SIGTERM";
    private const int Kill = 9;

    private readonly ContainerStarter _starter;
    private readonly ContainerFolder _folder;
    private readonly ContainerEvents _events;

    internal ContainerStopper(ContainerStarter starter, ContainerFolder folder, ContainerEvents events)
    {
        _starter = starter;
        _folder = folder;
        _events = events;
    }

    /// <summary>Sends the stop signal, waits, and kills what is left.</summary>
    /// <param name="container">The container.</param>
    /// <param name="signal">The signal; null: the container's own, else SIGTERM.</param>
    /// <param name="timeoutSeconds">How long to wait; null: the container's own, else 10; negative: for ever.</param>
    /// <param name="cancellation">Ends the wait, not the container.</param>
    /// <exception cref="GantryException">It does not run (NotModified), or the signal is unknown (InvalidArgument).</exception>
    public async Task StopAsync(Container container, string? signal, int? timeoutSeconds, CancellationToken cancellation)
    {
        var number = SignalNames.Parse(signal ?? container.Config.StopSignal ?? DefaultSignal);
        await MarkStoppedAsync(container);
        if (!container.State.IsRunning)
            throw new GantryException(ErrorKind.NotModified, $"container {container.Name} is not running");

        await EndAsync(container, number, timeoutSeconds, cancellation);
        _events.Publish(container, "stop");
    }

    /// <summary>Stops the container if it runs, and starts it.</summary>
    /// <inheritdoc cref="StopAsync"/>
    public async Task RestartAsync(Container container, string? signal, int? timeoutSeconds, CancellationToken cancellation)
    {
        var number = SignalNames.Parse(signal ?? container.Config.StopSignal ?? DefaultSignal);
        await MarkStoppedAsync(container);
        if (container.State.IsRunning)
            await EndAsync(container, number, timeoutSeconds, cancellation);
        using (await ContainerGate.EnterAsync(container, cancellation))
            await _starter.StartHeldAsync(container, restartCount: 0);
        _events.Publish(container, "restart");
    }

    /// <summary>Sends a signal to the first process.</summary>
    /// <param name="container">The container.</param>
    /// <param name="signal">The signal; null or empty: SIGKILL, for which the call waits until the process has ended.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GantryException">It does not run (Conflict), or the signal is unknown (InvalidArgument).</exception>
    public async Task KillAsync(Container container, string? signal, CancellationToken cancellation)
    {
        var number = string.IsNullOrEmpty(signal) ? Kill : SignalNames.Parse(signal);
        if (container.Run is not { } run || !container.State.IsRunning)
            throw GantryException.Conflict($"container {container.Id} is not running");

        var ended = container.Signals.NextExit;
        if (number == Kill)
            await MarkStoppedAsync(container);
        PidFd.SendSignal(run.Process.PidFd, number);
        _events.Publish(container, "kill", ("signal", $"{number}"));
        if (number == Kill)
        {
            run.Cgroup.Thaw(); // A frozen process cannot die on cgroup v1.
            await ended.WaitAsync(cancellation);
        }
    }

    /// <summary>Ends a container's process so that its restart policy starts it again: not as by a user.</summary>
    /// <exception cref="Os.OsException">The signal cannot be sent.</exception>
    internal Task EndForRestartAsync(Container container) =>
        EndAsync(container, SignalNames.Parse(container.Config.StopSignal ?? DefaultSignal), null, CancellationToken.None);

    /// <summary>Ends a container's process because the daemon ends: not as by a user.</summary>
    internal Task EndWithDaemonAsync(Container container, int seconds) =>
        EndAsync(container, SignalNames.Parse(container.Config.StopSignal ?? DefaultSignal), seconds, CancellationToken.None);

    /// <summary>Notes that a user wants it stopped: no restart policy starts it again.</summary>
    private async Task MarkStoppedAsync(Container container)
    {
        using var gate = await ContainerGate.EnterAsync(container);
        var state = container.State with { StoppedByUser = true };
        container.State = state.Status is ContainerStatus.Restarting ? state with { Status = ContainerStatus.Exited } : state;
        _folder.WriteState(container);
    }

    private async Task EndAsync(Container container, int signal, int? timeoutSeconds, CancellationToken cancellation)
    {
        var ended = container.Signals.NextExit;
        if (container.Run is not { } run)
            return;
        PidFd.SendSignal(run.Process.PidFd, signal);
        _events.Publish(container, "kill", ("signal", $"{signal}"));
        run.Cgroup.Thaw();

        var seconds = timeoutSeconds ?? container.Config.StopTimeout ?? DefaultTimeoutSeconds;
        try
        {
            await ended.WaitAsync(seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds), cancellation);
        }
        catch (TimeoutException)
        {
            PidFd.SendSignal(run.Process.PidFd, Kill);
            _events.Publish(container, "kill", ("signal", $"{Kill}"));
            await ended.WaitAsync(cancellation);
        }
    }
}
