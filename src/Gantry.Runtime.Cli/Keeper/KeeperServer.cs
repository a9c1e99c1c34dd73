using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Memory;
using Gantry.Os.Polling;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Control;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Cli.Keeper.Output;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>The keeper: its socket, its processes, and when it may go. Requests are in the other part.</summary>
internal sealed partial class KeeperServer : IPollHandler, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly LogWriter _writer = new();
    private readonly Spawner _spawner;
    private readonly Dictionary<string, SupervisedProcess> _processes = [];
    private readonly HashSet<string> _spawning = [];
    private readonly List<ControlConnection> _connections = [];
    private readonly string _bootId = StateFiles.ReadBootId();
    private readonly string _socketPath;
    private readonly TimeSpan _grace;
    private readonly Fd _listener;
    private readonly FileLock _lock;
    private readonly EventLoop.Watch _listenerWatch;
    private readonly uint _owner;
    private int _idleSpell, _removedSinceTrim;

    private KeeperServer(string socketPath, TimeSpan grace, FileLock fileLock)
    {
        (_socketPath, _grace, _lock) = (socketPath, grace, fileLock);
        _spawner = new Spawner(_loop);
        // What a keeper left that was killed: the lock says that none listens there.
        File.Delete(socketPath);
        _listener = UnixSocket.Listen(socketPath);
        _owner = UnixSocket.EffectiveUser;
        _listenerWatch = _loop.Add(_listener, PollEvents.Readable, this);
        LeaveWhenIdle();
    }

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

    /// <summary>Takes the connections that wait.</summary>
    public void OnReady(PollEvents events)
    {
        Errno error;
        while (UnixSocket.TryAccept(_listener, out error) is { } socket)
        {
            var peer = UnixSocket.Peer(socket);
            // The mode of the socket says the same; a process with CAP_DAC_OVERRIDE in a user namespace of its own could get past that.
            if (peer.UserId != _owner)
            {
                socket.Dispose();
                continue;
            }
            _connections.Add(new ControlConnection(_loop, socket, Handle, Disconnected));
        }
        // No descriptor is left: the connection that waits would be reported all the time.
        if (error == Errno.EMFILE || error == Errno.ENFILE)
            PauseAccepting();
    }

    public void Dispose()
    {
        _listenerWatch.Dispose();
        _listener.Dispose();
        foreach (var connection in _connections.ToArray())
            connection.Dispose();
        foreach (var process in _processes.Values)
            process.Dispose();
        _writer.Dispose();
        _loop.Dispose();
        _lock.Dispose();
    }

    private void PauseAccepting()
    {
        const int pauseMilliseconds = 200;
        _listenerWatch.Set(PollEvents.None);
        _loop.After(pauseMilliseconds, () => _listenerWatch.Set(PollEvents.Readable));
    }

    private void Disconnected(ControlConnection connection)
    {
        _connections.Remove(connection);
        LeaveWhenIdle();
    }

    private void Broadcast(Func<MessageWriter> message)
    {
        foreach (var connection in _connections.ToArray())
            if (connection.Greeted)
                connection.Send(message());
    }

    private void Add(SupervisedProcess process)
    {
        _processes.Add(process.Record.Id, process);
        process.InputClosed = p => Broadcast(() => new MessageWriter(MessageType.StdinClosed, 0).Text(p.Record.Id));
        process.Exited = ProcessExited;
        process.Released = p => _loop.Post(() => Remove(p));
    }

    private void ProcessExited(SupervisedProcess process)
    {
        Broadcast(() =>
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
        LeaveWhenIdle();
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
        });
    }

    /// <summary>Reaps children that are none of our processes: orphans of those that share the host's pid namespace.</summary>
    private void ReapOrphans()
    {
        while (_spawning.Count == 0 && PidFd.FindZombieChild() is { } pid && !_processes.Values.Any(p => p.Record.Pid == pid))
            PidFd.Reap(pid);
    }

    private void LeaveWhenIdle()
    {
        var spell = ++_idleSpell;
        if (!IsIdle)
            return;
        _loop.After((int)_grace.TotalMilliseconds, () =>
        {
            if (spell != _idleSpell || !IsIdle)
                return;
            // First the name, so that nobody new comes; whoever came just before finds the connection closed and starts another keeper.
            File.Delete(_socketPath);
            _loop.Stop();
        });
    }

    private bool IsIdle => _processes.Count == 0 && _spawning.Count == 0 && _connections.Count == 0;
}
