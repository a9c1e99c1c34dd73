using Gantry.Os;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.NetHelper.Names;

/// <summary>Takes a container's connections of TCP, and drops those that do nothing.</summary>
internal sealed class StreamListener : IPollHandler, IDisposable
{
    private const int MostClients = 64;

    private readonly EventLoop _loop;
    private readonly NameService _service;
    private readonly ContainerResolver _resolver;
    private readonly EventLoop.Watch _watch;
    private readonly List<StreamClient> _clients = [];
    private bool _sweeping, _disposed;

    public StreamListener(EventLoop loop, NameService service, ContainerResolver resolver)
    {
        (_loop, _service, _resolver) = (loop, service, resolver);
        _watch = loop.Add(resolver.Sockets.Listener, PollEvents.Readable, this);
    }

    public void OnReady(PollEvents events)
    {
        const int pauseMilliseconds = 200;
        Errno error;
        while (UnixSocket.TryAccept(_resolver.Sockets.Listener, out error) is { } socket)
        {
            // The one that was idle longest makes room.
            if (_clients.Count >= MostClients)
                _clients.MinBy(static client => client.LastActive)!.Dispose();
            InternetSocket.SendAtOnce(socket);
            _clients.Add(new StreamClient(_loop, _service, _resolver, socket, client => _clients.Remove(client)));
        }
        if (error == Errno.EMFILE || error == Errno.ENFILE)
        {
            _watch.Set(PollEvents.None);
            _loop.After(pauseMilliseconds, () => _watch.Set(PollEvents.Readable));
        }
        SweepLater();
    }

    public void Dispose()
    {
        _disposed = true;
        _watch.Dispose();
        foreach (var client in _clients.ToArray())
            client.Dispose();
    }

    private void SweepLater()
    {
        const int sweepMilliseconds = 1000, idleMilliseconds = 10_000;
        if (_sweeping || _disposed || _clients.Count == 0)
            return;
        _sweeping = true;
        _loop.After(sweepMilliseconds, () =>
        {
            _sweeping = false;
            foreach (var client in _clients.Where(client => Clock.MonotonicMilliseconds - client.LastActive > idleMilliseconds).ToArray())
                client.Dispose();
            SweepLater();
        });
    }
}
