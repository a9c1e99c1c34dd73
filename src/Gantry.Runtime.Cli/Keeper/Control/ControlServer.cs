using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Cli.Keeper.Control;

/// <summary>
/// What keeper and net helper have in common: a socket at which daemons connect, answers to what they ask, and the end when there is nothing to do
/// and no daemon to ask for more.
/// </summary>
internal sealed class ControlServer : IPollHandler, IDisposable
{
    private readonly List<ControlConnection> _connections = [];
    private readonly IControlService _service;
    private readonly string _socketPath;
    private readonly TimeSpan _grace;
    private readonly FileLock _lock;
    private readonly Fd _listener;
    private readonly EventLoop.Watch _listenerWatch;
    private readonly uint _owner = UnixSocket.EffectiveUser;
    private int _idleSpell;

    /// <summary>Makes the socket.</summary>
    /// <param name="loop">Where it runs; stays the caller's.</param>
    /// <param name="service">Who answers.</param>
    /// <param name="socketPath">The socket's path.</param>
    /// <param name="grace">How long the process stays with nothing to do and no daemon connected.</param>
    /// <param name="fileLock">Says that no other process serves the socket; owned from now on.</param>
    /// <exception cref="OsException">The socket cannot be made.</exception>
    public ControlServer(EventLoop loop, IControlService service, string socketPath, TimeSpan grace, FileLock fileLock)
    {
        (Loop, _service, _socketPath, _grace, _lock) = (loop, service, socketPath, grace, fileLock);
        // What a process left that was killed: the lock says that none listens there.
        File.Delete(socketPath);
        _listener = UnixSocket.Listen(socketPath);
        _listenerWatch = loop.Add(_listener, PollEvents.Readable, this);
    }

    private EventLoop Loop { get; }

    private bool IsIdle => !_service.HasWork && _connections.Count == 0;

    /// <summary>Takes the connections of daemons that wait.</summary>
    public void OnReady(PollEvents events)
    {
        const int pauseMilliseconds = 200;
        Errno error;
        while (UnixSocket.TryAccept(_listener, out error) is { } socket)
        {
            // The mode of the socket says the same; a process with CAP_DAC_OVERRIDE in a user namespace of its own could get past that.
            if (UnixSocket.Peer(socket).UserId == _owner)
                _connections.Add(new ControlConnection(Loop, socket, Handle, Disconnected));
            else
                socket.Dispose();
        }
        // No descriptor is left: the connection that waits would be reported all the time.
        if (error == Errno.EMFILE || error == Errno.ENFILE)
        {
            _listenerWatch.Set(PollEvents.None);
            Loop.After(pauseMilliseconds, () => _listenerWatch.Set(PollEvents.Readable));
        }
    }

    /// <summary>Tells all daemons.</summary>
    public void Broadcast(Func<MessageWriter> message)
    {
        foreach (var connection in _connections.ToArray())
            if (connection.Greeted)
                connection.Send(message());
    }

    /// <summary>To be called when there may be nothing to do any more: the loop ends after the grace, unless something comes.</summary>
    public void LeaveWhenIdle()
    {
        var spell = ++_idleSpell;
        if (!IsIdle)
            return;
        Loop.After((int)_grace.TotalMilliseconds, () =>
        {
            if (spell != _idleSpell || !IsIdle)
                return;
            // First the name, so that nobody new comes; whoever came just before finds the connection closed and starts another process. In a folder that was
            // removed and made anew the name is another's.
            if (_lock.IsInPlace)
                File.Delete(_socketPath);
            Loop.Stop();
        });
    }

    /// <summary>Closes the socket and the connections; the lock goes last.</summary>
    public void Dispose()
    {
        _listenerWatch.Dispose();
        _listener.Dispose();
        foreach (var connection in _connections.ToArray())
            connection.Dispose();
        _lock.Dispose();
    }

    private void Handle(ControlConnection connection, Frame frame)
    {
        try
        {
            var reader = new MessageReader(frame.Payload);
            if (frame.Header.Type == MessageType.Hello)
                Greet(connection, frame.Header, ref reader);
            else if (connection.Greeted)
                _service.Dispatch(connection, frame, ref reader);
            else
                throw new InvalidDataException("a request before the hello");
        }
        catch (GantryException error)
        {
            Fail(connection, frame, error.Kind, 0, error.Message);
        }
        catch (OsException error)
        {
            Fail(connection, frame, ErrorKind.System, error.Errno.Value, error.Operation);
        }
        catch (IOException error)
        {
            Fail(connection, frame, ErrorKind.System, 0, error.Message);
        }
        catch (InvalidDataException)
        {
            frame.Discard();
            throw;
        }
    }

    private void Greet(ControlConnection connection, FrameHeader header, ref MessageReader reader)
    {
        if ((uint)reader.Int32() != _service.Magic)
            throw new InvalidDataException("a hello of something else");
        connection.Greeted = reader.Int32() == _service.Version;
        connection.Send(new MessageWriter(MessageType.HelloReply, header.RequestId).Int32(_service.Version).Int32(Environment.ProcessId));
    }

    private static void Fail(ControlConnection connection, Frame frame, ErrorKind kind, int errno, string text)
    {
        frame.Discard();
        connection.Send(new MessageWriter(MessageType.Failed, frame.Header.RequestId).Int32((int)kind).Int32(errno).Text(text));
    }

    private void Disconnected(ControlConnection connection)
    {
        _connections.Remove(connection);
        LeaveWhenIdle();
    }
}

/// <summary>What a process does for daemons.</summary>
internal interface IControlService
{
    /// <summary>What a daemon's hello has to begin with.</summary>
    uint Magic { get; }

    /// <summary>The version of the protocol.</summary>
    int Version { get; }

    /// <summary>Whether there is something that must not end.</summary>
    bool HasWork { get; }

    /// <summary>Answers a request.</summary>
    /// <exception cref="GantryException">It cannot be done; the daemon is told.</exception>
    /// <exception cref="IOException">The kernel refused; the daemon is told.</exception>
    /// <exception cref="InvalidDataException">It makes no sense: the connection ends.</exception>
    void Dispatch(ControlConnection connection, Frame frame, ref MessageReader reader);
}
