using System.Net;
using Gantry.Os;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.NetHelper.Forwarding;

/// <summary>
/// Passes on the connections of TCP that come to a socket. Those that are open go on when it is disposed, as docker's do not, but a firewall's would.
/// </summary>
internal sealed class StreamForwarder : IPollHandler, IDisposable
{
    private const int MostConnections = 4096;

    private readonly EventLoop _loop;
    private readonly Fd _listener;
    private readonly IPEndPoint _target;
    private readonly EventLoop.Watch _watch;
    private int _connections;
    private bool _disposed;

    /// <summary>Begins.</summary>
    /// <param name="loop">Where it runs.</param>
    /// <param name="listener">The socket; stays the caller's.</param>
    /// <param name="target">Where to.</param>
    public StreamForwarder(EventLoop loop, Fd listener, IPEndPoint target)
    {
        (_loop, _listener, _target) = (loop, listener, target);
        _watch = loop.Add(listener, PollEvents.Readable, this);
    }

    public void OnReady(PollEvents events)
    {
        Errno error = default;
        while (_connections < MostConnections && UnixSocket.TryAccept(_listener, out error) is { } client)
        {
            if (InternetSocket.TryConnectStream(_target, out _) is not { } target)
            {
                client.Dispose();
                continue;
            }
            InternetSocket.SendAtOnce(client);
            InternetSocket.SendAtOnce(target);
            _connections++;
            _ = new ForwardedConnection(_loop, client, target, Closed);
        }
        // Those that wait would be reported all the time; when one has ended it goes on.
        if (_connections >= MostConnections)
            _watch.Set(PollEvents.None);
        else if (error == Errno.EMFILE || error == Errno.ENFILE)
            Pause();
    }

    public void Dispose()
    {
        _disposed = true;
        _watch.Dispose();
    }

    private void Pause()
    {
        const int pauseMilliseconds = 200;
        _watch.Set(PollEvents.None);
        _loop.After(pauseMilliseconds, () => _watch.Set(PollEvents.Readable));
    }

    private void Closed()
    {
        if (_connections-- == MostConnections && !_disposed)
            _watch.Set(PollEvents.Readable);
    }
}
