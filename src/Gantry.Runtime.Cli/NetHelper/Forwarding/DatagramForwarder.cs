using System.Net;
using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.NetHelper.Forwarding;

/// <summary>Passes on the datagrams that come to a socket, and their answers: for each sender a socket of its own, as long as it is in use.</summary>
internal sealed class DatagramForwarder : IPollHandler, IDisposable
{
    private const int MostSessions = 1024, SweepMilliseconds = 10_000, IdleMilliseconds = 90_000;

    private readonly EventLoop _loop;
    private readonly Fd _socket;
    private readonly IPEndPoint _target;
    private readonly EventLoop.Watch _watch;
    private readonly Dictionary<InternetAddress, Session> _sessions = [];
    private bool _sweeping, _disposed;

    /// <summary>Begins.</summary>
    /// <param name="loop">Where it runs.</param>
    /// <param name="socket">The socket; stays the caller's.</param>
    /// <param name="target">Where to.</param>
    public DatagramForwarder(EventLoop loop, Fd socket, IPEndPoint target)
    {
        (_loop, _socket, _target) = (loop, socket, target);
        _watch = loop.Add(socket, PollEvents.Readable, this);
    }

    public void OnReady(PollEvents events)
    {
        const int atOnce = 64;
        for (var i = 0; i < atOnce; i++)
        {
            var (count, error) = InternetSocket.ReceiveFrom(_socket, _loop.Scratch, out var sender);
            if (error.Value != 0)
                return;
            if (SessionOf(sender) is { } session)
                session.Send(_loop.Scratch.AsSpan(0, count));
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _watch.Dispose();
        foreach (var session in _sessions.Values)
            session.Dispose();
        _sessions.Clear();
    }

    private Session? SessionOf(InternetAddress sender)
    {
        if (_sessions.TryGetValue(sender, out var known))
            return known;
        // The one that was idle longest makes room.
        if (_sessions.Count >= MostSessions)
            End(_sessions.MinBy(static session => session.Value.LastActive).Key);
        if (InternetSocket.TryConnectDatagram(_target, out _) is not { } socket)
            return null;
        var session = new Session(this, socket, sender);
        _sessions.Add(sender, session);
        SweepLater();
        return session;
    }

    private void End(InternetAddress sender)
    {
        if (_sessions.Remove(sender, out var session))
            session.Dispose();
    }

    private void SweepLater()
    {
        if (_sweeping || _disposed || _sessions.Count == 0)
            return;
        _sweeping = true;
        _loop.After(SweepMilliseconds, () =>
        {
            _sweeping = false;
            var oldest = Clock.MonotonicMilliseconds - IdleMilliseconds;
            foreach (var sender in _sessions.Where(session => session.Value.LastActive < oldest).Select(session => session.Key).ToArray())
                End(sender);
            SweepLater();
        });
    }

    private sealed class Session : IPollHandler, IDisposable
    {
        private readonly DatagramForwarder _owner;
        private readonly Fd _socket;
        private readonly InternetAddress _client;
        private readonly EventLoop.Watch _watch;

        public Session(DatagramForwarder owner, Fd socket, InternetAddress client)
        {
            (_owner, _socket, _client) = (owner, socket, client);
            LastActive = Clock.MonotonicMilliseconds;
            _watch = owner._loop.Add(socket, PollEvents.Readable, this);
        }

        public long LastActive { get; private set; }

        /// <summary>What cannot be sent is lost, as datagrams may be; that nobody listens is reported here, and is no concern of the next.</summary>
        public void Send(ReadOnlySpan<byte> datagram)
        {
            LastActive = Clock.MonotonicMilliseconds;
            _ = InternetSocket.Send(_socket, datagram);
        }

        public void OnReady(PollEvents events)
        {
            const int atOnce = 64;
            for (var i = 0; i < atOnce; i++)
            {
                var (count, error) = StreamIo.Read(_socket, _owner._loop.Scratch);
                if (error.Value != 0)
                    return;
                LastActive = Clock.MonotonicMilliseconds;
                _ = InternetSocket.SendTo(_owner._socket, _owner._loop.Scratch.AsSpan(0, count), _client);
            }
        }

        public void Dispose()
        {
            _watch.Dispose();
            _socket.Dispose();
        }
    }
}
