using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gantry.Api.Model;
using Gantry.Engine.Attach;
using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Exec;

/// <summary>Runs further processes in running containers.</summary>
public sealed class ExecService
{
    private const int KeptEnded = 256;

    private readonly ExecLauncher _launcher;
    private readonly ProcessKeeper _keeper;
    private readonly ContainerEvents _events;
    private readonly ConcurrentDictionary<string, ExecInstance> _byId = new();
    private readonly ConcurrentQueue<string> _ended = new();

    internal ExecService(ExecLauncher launcher, ProcessKeeper keeper, ContainerEvents events)
    {
        _launcher = launcher;
        _keeper = keeper;
        _events = events;
    }

    /// <summary>Makes an exec; it does not run yet.</summary>
    /// <param name="container">The container.</param>
    /// <param name="request">What to run.</param>
    /// <param name="name">What the caller calls the container, for errors; null: its ID.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="GantryException">No command or an unknown user (InvalidArgument), or the container does not run or is paused (Conflict).</exception>
    public string Create(Container container, ExecCreateRequest request, string? name = null)
    {
        if (request.Cmd is not { Count: > 0 })
            throw GantryException.Invalid("No exec command specified");
        RequireRunning(container, name);
        _launcher.CheckUser(container, request);
        if (request.DetachKeys.Length > 0 || (request.AttachStdin && request.Tty))
            _ = DetachKeys.Parse(request.DetachKeys, "escape");

        var exec = new ExecInstance(RandomNumberGenerator.GetHexString(64, lowercase: true), container, request);
        _byId[exec.Id] = exec;
        lock (container.Execs)
            container.Execs[exec.Id] = exec;
        _events.Publish(container, $"exec_create: {string.Join(' ', request.Cmd)}", ("execID", exec.Id));
        return exec.Id;
    }

    /// <summary>The exec with that id.</summary>
    /// <exception cref="GantryException">There is none (NotFound).</exception>
    public ExecInstance Get(string id) =>
        _byId.TryGetValue(id, out var exec) ? exec : throw GantryException.NotFound($"No such exec instance: {id}");

    /// <summary>Prepares to start an exec with a client attached.</summary>
    /// <exception cref="GantryException">It was started already, or its container does not run (Conflict).</exception>
    public ExecSession Open(string id, ExecStartRequest start)
    {
        var exec = Claim(id);
        return new ExecSession(exec, start, _launcher, _events, OnEnded);
    }

    /// <summary>Starts an exec that nobody is attached to.</summary>
    /// <exception cref="GantryException">It was started already (Conflict), or cannot be executed (InvalidArgument).</exception>
    public Task StartDetachedAsync(string id) => StartAsync(Claim(id), attached: null);

    /// <summary>Makes and starts an exec whose output goes to a socket of the caller's.</summary>
    /// <exception cref="GantryException">The container does not run (Conflict), or it cannot be executed (InvalidArgument).</exception>
    internal async Task<ExecInstance> StartAttachedAsync(Container container, ExecCreateRequest request, AttachEnd attached)
    {
        var exec = Claim(Create(container, request));
        await StartAsync(exec, attached);
        return exec;
    }

    private async Task StartAsync(ExecInstance exec, AttachEnd? attached)
    {
        try
        {
            await _launcher.LaunchAsync(exec, attached, consoleSize: null);
        }
        catch (Exception e)
        {
            var failure = StartFailure.FromExec(exec.EntryPoint, e);
            exec.ExitCode = failure.ExitCode;
            OnEnded(exec);
            throw failure.Error;
        }
    }

    /// <summary>Tells the exec's terminal its size.</summary>
    /// <exception cref="GantryException">It does not run (Conflict).</exception>
    public async Task ResizeAsync(string id, int rows, int columns)
    {
        var exec = Get(id);
        if (!exec.Running)
            throw GantryException.Conflict($"exec process is not running: {id}");
        if (!exec.Request.Tty)
            return;
        await _keeper.ResizeAsync(exec.Id, TerminalSize.Bounded(rows), TerminalSize.Bounded(columns));
    }

    /// <summary>The keeper tells of the end of a process that is no container: an exec, also one that an earlier daemon started.</summary>
    internal async Task HandleExitAsync(ProcessExit exit)
    {
        if (_byId.TryGetValue(exit.Id, out var exec))
        {
            exec.ExitCode = exit.ExitCode;
            _events.Publish(exec.Container, "exec_die", ("execID", exec.Id), ("exitCode", $"{exit.ExitCode}"));
            OnEnded(exec);
        }

        await _keeper.ForgetAsync(exit.Id);
    }

    private ExecInstance Claim(string id)
    {
        var exec = Get(id);
        RequireRunning(exec.Container);
        lock (exec)
        {
            if (exec.Started)
                throw GantryException.Conflict($"exec command {id} has already run");
            exec.Started = true;
        }

        return exec;
    }

    // Clients ask for the exit code after the end: the last ones are kept for them.
    private void OnEnded(ExecInstance exec)
    {
        exec.Ended.TrySetResult();
        lock (exec.Container.Execs)
            exec.Container.Execs.Remove(exec.Id);
        _ended.Enqueue(exec.Id);
        while (_ended.Count > KeptEnded && _ended.TryDequeue(out var old))
            _byId.TryRemove(old, out _);
    }

    private static void RequireRunning(Container container, string? name = null)
    {
        if (container.State.Status is ContainerStatus.Paused)
            throw GantryException.Conflict($"Container {name ?? container.Id} is paused, unpause the container before exec");
        if (container.State.Status is ContainerStatus.Restarting)
            throw GantryException.Conflict($"Container {container.Id} is restarting, wait until the container is running");
        if (container.Run is null)
            throw GantryException.Conflict($"container {container.Id} is not running");
    }
}
