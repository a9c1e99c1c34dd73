using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Memory;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.Keeper.Control;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Cli.Keeper.Output;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>The keeper: its processes, and what becomes of them. Requests are in the other part.</summary>
internal sealed partial class KeeperServer : IControlService, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly LogWriter _writer = new();
    private readonly Spawner _spawner;
    private readonly Dictionary<string, SupervisedProcess> _processes = [];
    private readonly HashSet<string> _spawning = [];
    private readonly Postponed _afterStarts = new();
    private readonly string _bootId = StateFiles.ReadBootId();
    private readonly ControlServer _server;
    private int _removedSinceTrim;

    private KeeperServer(string socketPath, TimeSpan grace, FileLock fileLock)
    {
        _spawner = new Spawner(_loop);
        _server = new ControlServer(_loop, this, socketPath, grace, fileLock);
        _server.LeaveWhenIdle();
    }

    /// <inheritdoc/>
    public bool HasWork => _processes.Count > 0 || _spawning.Count > 0;

    /// <summary>Makes the socket.</summary>
    /// <param name="socketPath">Its path; beside it lies a lock file.</param>
    /// <param name="grace">How long it stays with no process to hold and no daemon connected.</param>
    /// <returns>The keeper; null when another one serves that socket.</returns>
    /// <exception cref="OsException">The socket cannot be made.</exception>
    public static KeeperServer? TryStart(string socketPath, TimeSpan grace)
    {
        if (FileLock.TryAcquire(socketPath + ".lock") is not { } fileLock)
            return null;
        // Children of processes that share the host's pid namespace become ours when their parents end, so that they are reaped.
        PidFd.BecomeSubreaper();
        return new KeeperServer(socketPath, grace, fileLock);
    }

    /// <summary>Serves until nothing is left to hold, and no daemon there to ask for more.</summary>
    public void Run() => _loop.Run();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _processes.Values)
            process.Dispose();
        _writer.Dispose();
        _server.Dispose();
        _loop.Dispose();
    }

    private void Add(SupervisedProcess process)
    {
        _processes.Add(process.Record.Id, process);
        process.InputClosed = p => _server.Broadcast(() => new MessageWriter(MessageType.StdinClosed, 0).Text(p.Record.Id));
        process.Exited = ProcessExited;
        process.Released = p => _loop.Post(() => Remove(p));
    }

    private void ProcessExited(SupervisedProcess process)
    {
        _server.Broadcast(() =>
        {
            var message = new MessageWriter(MessageType.Exited, 0);
            ProcessExitCodec.Write(process.Record.Exit!, message);
            return message;
        });
        ReapOrphans();
    }

    private void Remove(SupervisedProcess process)
    {
        // By then the ID may belong to a process that was started anew.
        if (_processes.TryGetValue(process.Record.Id, out var current) && current == process)
            _processes.Remove(process.Record.Id);
        process.Dispose();
        TrimMemoryLater();
        _server.LeaveWhenIdle();
    }

    /// <summary>
    /// After many processes have come and gone the collector keeps megabytes for garbage that will not come: it is told to give them back, once
    /// things are quiet. That takes a few milliseconds.
    /// </summary>
    private void TrimMemoryLater()
    {
        const int manyProcesses = 10;
        const int quietMilliseconds = 3000;
        var removed = ++_removedSinceTrim;
        if (removed < manyProcesses)
            return;
        _loop.After(quietMilliseconds, () =>
        {
            if (_removedSinceTrim != removed)
                return;
            _removedSinceTrim = 0;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            NativeHeap.Trim();
            ProgramPages.LetGo();
        });
    }

    /// <summary>Reaps children that are none of our processes: orphans of those that share the host's pid namespace.</summary>
    private void ReapOrphans()
    {
        while (_spawning.Count == 0 && PidFd.FindZombieChild() is { } pid && !_processes.Values.Any(p => p.Record.Pid == pid))
            PidFd.Reap(pid);
    }
}
