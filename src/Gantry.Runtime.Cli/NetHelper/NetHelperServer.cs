using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Control;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Cli.NetHelper.Forwarding;
using Gantry.Runtime.Cli.NetHelper.Names;

namespace Gantry.Runtime.Cli.NetHelper;

/// <summary>The net helper: its socket, what it was told to do, and when it may go. Requests are in the other part.</summary>
internal sealed partial class NetHelperServer : IPollHandler, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly NameService _names;
    private readonly Dictionary<string, HeldSockets> _held = [];
    private readonly List<ControlConnection> _connections = [];
    private readonly string _socketPath;
    private readonly TimeSpan _grace;
    private readonly Fd _listener;
    private readonly FileLock _lock;
    private readonly EventLoop.Watch _listenerWatch;
    private readonly uint _owner;
    private int _idleSpell;

    private NetHelperServer(string socketPath, TimeSpan grace, FileLock fileLock)
    {
        (_socketPath, _grace, _lock) = (socketPath, grace, fileLock);
        _names = new NameService(_loop);
        // What a helper left that was killed: the lock says that none listens there.
        File.Delete(socketPath);
        _listener = UnixSocket.Listen(socketPath);
        _owner = UnixSocket.EffectiveUser;
        _listenerWatch = _loop.Add(_listener, PollEvents.Readable, this);
        LeaveWhenIdle();
    }

    private bool IsIdle => _names.Count == 0 && _held.Count == 0 && _connections.Count == 0;

    /// <summary>Makes the socket.</summary>
    /// <param name="socketPath">Its path; beside it lies a lock file.</param>
    /// <param name="grace">How long it stays with nothing to do and no daemon connected.</param>
    /// <returns>The helper; null when another one serves that socket.</returns>
    /// <exception cref="OsException">The socket cannot be made.</exception>
    public static NetHelperServer? TryStart(string socketPath, TimeSpan grace) =>
        FileLock.TryAcquire(socketPath + ".lock") is { } fileLock ? new NetHelperServer(socketPath, grace, fileLock) : null;

    /// <summary>Serves until nothing is left to do, and no daemon there to ask for more.</summary>
    public void Run() => _loop.Run();

    /// <summary>Takes the connections of daemons that wait.</summary>
    public void OnReady(PollEvents events)
    {
        const int pauseMilliseconds = 200;
        Errno error;
        while (UnixSocket.TryAccept(_listener, out error) is { } socket)
        {
            // The mode of the socket says the same; a process with CAP_DAC_OVERRIDE in a user namespace of its own could get past that.
            if (UnixSocket.Peer(socket).UserId == _owner)
                _connections.Add(new ControlConnection(_loop, socket, Handle, Disconnected));
            else
                socket.Dispose();
        }
        // No descriptor is left: the connection that waits would be reported all the time.
        if (error == Errno.EMFILE || error == Errno.ENFILE)
        {
            _listenerWatch.Set(PollEvents.None);
            _loop.After(pauseMilliseconds, () => _listenerWatch.Set(PollEvents.Readable));
        }
    }

    public void Dispose()
    {
        _listenerWatch.Dispose();
        _listener.Dispose();
        foreach (var connection in _connections.ToArray())
            connection.Dispose();
        foreach (var held in _held.Values)
            held.Dispose();
        _names.Dispose();
        _loop.Dispose();
        _lock.Dispose();
    }

    private void Disconnected(ControlConnection connection)
    {
        _connections.Remove(connection);
        LeaveWhenIdle();
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
            // First the name, so that nobody new comes; whoever came just before finds the connection closed and starts another helper.
            File.Delete(_socketPath);
            _loop.Stop();
        });
    }
}
