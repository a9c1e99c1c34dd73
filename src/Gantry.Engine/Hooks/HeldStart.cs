using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Create;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Hooks;

/// <summary>
/// A start during which the container's process waits for hooks. The process is the keeper's, the gates at which it waits are the daemon's: when a hook
/// fails, or this daemon dies, they close, and the process ends where it waits. The keeper need not know of any of this: to it, it is a slow start.
/// </summary>
/// <param name="hooks">What runs the hooks.</param>
/// <param name="cgroup">The container's cgroup.</param>
/// <param name="rootMountPoint">Where the root is attached in the container's mount namespace.</param>
internal sealed class HeldStart(HookRunner hooks, Cgroup cgroup, string rootMountPoint) : IDisposable
{
    private readonly HeldPoint? _pivot = hooks.WaitsBeforePivot ? new HeldPoint() : null, _execute = hooks.WaitsBeforeExecute ? new HeldPoint() : null;
    private volatile bool _isGivenUp;

    /// <summary>The resources of the container with the gates.</summary>
    public ContainerResources Hold(ContainerResources resources) =>
        resources with { BeforePivot = _pivot?.Gate, BeforeExecute = _execute?.Gate, SpawnOutlastsGates = true };

    /// <summary>Runs the hooks while the process is on its way, and those that come when it is there.</summary>
    /// <param name="spawn">The request to the keeper.</param>
    /// <returns>The process, which has executed its file.</returns>
    /// <exception cref="HookException">A hook failed. The process was not executed, or has been ended.</exception>
    public async Task<KeptProcess> CompleteAsync(Task<KeptProcess> spawn)
    {
        var running = Task.Factory.StartNew(RunWhileHeld, TaskCreationOptions.LongRunning);
        KeptProcess process;
        try
        {
            process = await spawn;
        }
        catch
        {
            // A process that was not let go on says nothing of why; and one that a keeper left behind when it died must not go on.
            GiveUp();
            try
            {
                await running;
            }
            catch (OsException)
            {
                // The process was gone when it was to go on.
            }
            throw;
        }
        await running;
        try
        {
            await Task.Factory.StartNew(() => hooks.Started(process.Pid), TaskCreationOptions.LongRunning);
            return process;
        }
        catch
        {
            const int SIGKILL = 9;
            PidFd.SendSignal(process.PidFd, SIGKILL);
            await process.Ended;
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pivot?.Dispose();
        _execute?.Dispose();
    }

    private void RunWhileHeld()
    {
        try
        {
            Pass(_pivot, (pid, process) => hooks.Creating(pid, process, rootMountPoint));
            Pass(_execute, (pid, process) => hooks.Starting(pid, process, cgroup));
        }
        catch
        {
            _pivot?.Refuse();
            _execute?.Refuse();
            throw;
        }
    }

    private void Pass(HeldPoint? point, Action<int, Fd> run)
    {
        if (point?.WaitForChild() is not { } pid)
            return;
        using var process = PidFd.TryOpen(pid, out var error) ?? throw new OsException($"open process {pid}", error);
        run(pid, process);
        if (!_isGivenUp)
            point.LetGo();
    }

    private void GiveUp()
    {
        _isGivenUp = true;
        _pivot?.GiveUp();
        _execute?.GiveUp();
    }
}
