using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.Keeper.Client;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.NetHelper;

/// <summary>How the helper is found, started, and replaced.</summary>
public sealed partial class NetHelper
{
    internal const byte ContainerItem = 0, NamesItem = 1, HeldItem = 2;

    /// <summary>For tests: the helper's process; null: none is connected.</summary>
    internal int? ProcessId => _connection is { IsClosed: false } connection ? connection.KeeperPid : null;

    /// <summary>
    /// Asks until a helper that lives has answered, all that is asked at once. A message is composed anew each time, as a successor's connection counts its
    /// requests itself; and
    /// a successor was given all that is known already, so that the same once more changes nothing.
    /// </summary>
    private async Task SendAsync(Func<KeeperConnection, IReadOnlyList<MessageWriter>> compose, CancellationToken cancellation)
    {
        const int attempts = 10;
        for (var attempt = 1; ; attempt++)
        {
            var connection = await ConnectAsync(cancellation);
            try
            {
                await Task.WhenAll(compose(connection).Select(connection.SendAsync)).WaitAsync(cancellation);
                return;
            }
            catch (ObjectDisposedException) when (!_disposed)
            {
                // Its descriptors are closed: another caller has taken it back meanwhile, and that is the later word.
                throw GantryException.Conflict("it was taken back while the net helper was told of it");
            }
            catch (GantryException error) when (error.Kind == ErrorKind.Unavailable && attempt < attempts)
            {
                // It died just now.
            }
        }
    }

    private async Task<KeeperConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is { IsClosed: false } connected)
            return connected;
        await _connecting.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connection is { IsClosed: false } other)
                return other;
            // 1. The helper of this program, which is started if there is none. 2. What it has and this object does not know, of an earlier daemon.
            // 3. What it does not have. 4. Helpers of earlier versions of the program: all they have is handed to this one.
            var connection = await StartAsync(cancellation);
            await ListAsync(connection);
            await HandOverAsync(connection);
            await TakeOverOthersAsync(connection);
            _connection = connection;
            // Should it have died before that, nobody else would notice.
            return connection.IsClosed ? throw new GantryException(ErrorKind.Unavailable, "the net helper died when it had just started") : connection;
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<KeeperConnection> StartAsync(CancellationToken cancellation)
    {
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var connection = Connected(await _launcher.ConnectAsync(cancellation), _launcher.SocketPath);
            try
            {
                if (await connection.GreetAsync(NetHelperProtocol.Magic, NetHelperProtocol.Version))
                    return connection;
                connection.Dispose();
                throw new GantryException(ErrorKind.Unavailable,
                    $"the net helper at {connection.Path} speaks another version of the protocol than its name says");
            }
            catch (GantryException) when (connection.IsClosed && attempt < attempts)
            {
                // It was about to leave, having nothing to do: the next one stays.
            }
        }
    }

    private KeeperConnection Connected(Fd socket, string path) => new(socket, path, static _ => { }, Lost, "net helper");

    /// <summary>Learns what a helper has. What this object knows already stays.</summary>
    private Task ListAsync(KeeperConnection connection) =>
        connection.SendAsync(connection.New(MessageType.List), MessageType.Done, static _ => true, Learn);

    private void Learn(Frame frame)
    {
        var reader = new MessageReader(frame.Payload);
        lock (_lock)
        {
            switch (reader.Byte())
            {
                case ContainerItem when frame.Descriptors is [var datagrams, var listener, var networkNamespace]:
                    var container = ServedContainer.Read(ref reader);
                    if (_served.TryAdd(container.Id, (container, new ResolverSockets(datagrams, listener, networkNamespace))))
                        return;
                    break;
                case NamesItem:
                    var names = PublishedNames.Read(ref reader);
                    _published.TryAdd((names.Network, names.Container), names);
                    break;
                case HeldItem:
                    var key = reader.Text();
                    if (_held.TryAdd(key, (frame.Descriptors, reader.Byte() != 0 ? PortForward.Read(ref reader) : null)))
                        return;
                    break;
                default:
                    frame.Discard();
                    throw new InvalidDataException("a list of the net helper's that makes no sense");
            }
        }
        frame.Discard();
    }

    private async Task HandOverAsync(KeeperConnection connection)
    {
        List<MessageWriter> messages;
        lock (_lock)
        {
            messages =
            [
                .. _published.Values.Select(names => Publishing(connection, names)),
                .. _served.Values.Select(served => Serving(connection, served.Container, served.Sockets)),
                .. _held.Select(held => Holding(connection, held.Key, held.Value.Sockets, held.Value.Forward)),
            ];
        }
        foreach (var message in messages)
        {
            try
            {
                await connection.SendAsync(message);
            }
            catch (ObjectDisposedException) when (!_disposed)
            {
                // Its descriptors are closed: it was taken back meanwhile.
            }
        }
    }

    private async Task TakeOverOthersAsync(KeeperConnection successor)
    {
        foreach (var path in _launcher.OtherSockets)
        {
            if (UnixSocket.TryConnect(path, out var error) is not { } socket)
            {
                // Nobody listens there any more.
                if (error == Errno.ECONNREFUSED)
                    File.Delete(path);
                continue;
            }
            using var other = Connected(socket, path);
            if (!await other.GreetAsync(NetHelperProtocol.Magic, NetHelperProtocol.Version))
            {
                _unknownHelpers.Add(path);
                continue;
            }
            await ListAsync(other);
            await HandOverAsync(successor);
            // For a moment both read the same sockets, and give the same answers.
            foreach (var container in Containers)
                await other.SendAsync(other.New(NetHelperProtocol.StopServing).Text(container));
            foreach (var key in Held)
                await other.SendAsync(other.New(NetHelperProtocol.Release).Text(key));
        }
    }

    /// <summary>A helper is gone. On its connection's thread, which ends with this.</summary>
    private void Lost(KeeperConnection connection)
    {
        if (_disposed || _connection != connection)
            return;
        _connection = null;
        _ = ReapSoonAsync(connection.KeeperPid);
        _ = ReplaceAsync(connection.KeeperPid);
    }

    /// <summary>Starts another at once, again and again until it works: containers ask and get no answer meanwhile.</summary>
    private async Task ReplaceAsync(int dead)
    {
        const int pauseMilliseconds = 1000;
        while (!_disposed && HasWork())
        {
            try
            {
                await ConnectAsync(CancellationToken.None);
                Died?.Invoke(dead, null);
                return;
            }
            catch (Exception error) when (error is GantryException or IOException or OsException)
            {
                Died?.Invoke(dead, error);
                await Task.Delay(pauseMilliseconds);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>The helper is a child of the daemon that started it. Its socket is closed before it has ended.</summary>
    private async Task ReapSoonAsync(int processId)
    {
        const int attempts = 50, pauseMilliseconds = 100;
        for (var attempt = 0; attempt < attempts && !_disposed; attempt++)
        {
            PidFd.Reap(processId);
            await Task.Delay(pauseMilliseconds);
        }
    }

    private bool HasWork()
    {
        lock (_lock)
            return _served.Count + _published.Count + _held.Count > 0;
    }

    private static MessageWriter Serving(KeeperConnection connection, ServedContainer container, ResolverSockets? sockets)
    {
        var message = connection.New(NetHelperProtocol.Serve);
        container.Write(message);
        return message.Descriptor(sockets?.Datagrams).Descriptor(sockets?.Listener).Descriptor(sockets?.NetworkNamespace);
    }

    private static MessageWriter Publishing(KeeperConnection connection, PublishedNames names)
    {
        var message = connection.New(NetHelperProtocol.Publish);
        names.Write(message);
        return message;
    }

    private static MessageWriter Holding(KeeperConnection connection, string key, IReadOnlyList<Fd> sockets, PortForward? forward)
    {
        var message = connection.New(forward is null ? NetHelperProtocol.Hold : NetHelperProtocol.Forward).Text(key);
        forward?.Write(message);
        foreach (var socket in sockets)
            message.Descriptor(socket);
        return message;
    }
}
