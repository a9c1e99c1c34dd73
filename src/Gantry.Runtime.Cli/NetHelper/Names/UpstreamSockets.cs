using System.Buffers.Binary;
using System.Net;
using Gantry.Dns.Forwarding;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.NetHelper.Names;

/// <summary>Sends questions to servers outside: each from a socket of its own, so that its port is as hard to guess as its number.</summary>
internal sealed class UpstreamSockets(EventLoop loop) : IUpstreamTransport, IDisposable
{
    private readonly Fd _home = NetworkNamespace.OfThisThread();

    public IDisposable? TrySend(UpstreamExchange exchange)
    {
        var server = exchange.Group.Servers[exchange.Server];
        var origin = (UpstreamOrigin)exchange.Group.Context!;
        if (Open(server, exchange.IsStream, origin.FromHost[exchange.Server] ? null : origin.Resolver) is not { } socket)
            return null;
        if (exchange.IsStream)
            return new StreamExchange(loop, socket, exchange);
        if (InternetSocket.Send(socket, exchange.Message).Error.Value == 0)
            return new DatagramExchange(loop, socket, exchange);
        socket.Dispose();
        return null;
    }

    public void Dispose() => _home.Dispose();

    private Fd? Open(IPEndPoint server, bool isStream, ContainerResolver? inside)
    {
        Fd? Connect() => isStream ? InternetSocket.TryConnectStream(server, out _) : InternetSocket.TryConnectDatagram(server, out _);
        try
        {
            return inside is null ? Connect()
                : inside.Sockets.NetworkNamespace.IsClosed ? null
                : NetworkNamespace.RunHere(inside.Sockets.NetworkNamespace, _home, Connect);
        }
        catch (OsException)
        {
            // The namespace cannot be entered: as good as no way to the server.
            return null;
        }
    }

    private sealed class DatagramExchange : IPollHandler, IDisposable
    {
        private readonly EventLoop _loop;
        private readonly Fd _socket;
        private readonly UpstreamExchange _exchange;
        private readonly EventLoop.Watch _watch;

        public DatagramExchange(EventLoop loop, Fd socket, UpstreamExchange exchange)
        {
            (_loop, _socket, _exchange) = (loop, socket, exchange);
            _watch = loop.Add(socket, PollEvents.Readable, this);
        }

        public void OnReady(PollEvents events)
        {
            var (count, error) = StreamIo.Read(_socket, _loop.Scratch);
            if (error == Errno.EAGAIN)
                return;
            // Nobody listens there (ICMP). Of what makes no sense, the next may be the answer.
            if (error.Value != 0)
                _exchange.Fail();
            else
                _exchange.Receive(_loop.Scratch.AsSpan(0, count));
        }

        public void Dispose()
        {
            _watch.Dispose();
            _socket.Dispose();
        }
    }

    private sealed class StreamExchange : IPollHandler, IDisposable
    {
        private const int LengthSize = 2;

        private readonly EventLoop _loop;
        private readonly Fd _socket;
        private readonly UpstreamExchange _exchange;
        private readonly EventLoop.Watch _watch;
        private byte[] _unsent;
        private byte[] _received = new byte[512];
        private int _count;

        public StreamExchange(EventLoop loop, Fd socket, UpstreamExchange exchange)
        {
            (_loop, _socket, _exchange) = (loop, socket, exchange);
            _unsent = new byte[LengthSize + exchange.Message.Length];
            BinaryPrimitives.WriteUInt16BigEndian(_unsent, (ushort)exchange.Message.Length);
            exchange.Message.CopyTo(_unsent.AsSpan(LengthSize));
            _watch = loop.Add(socket, PollEvents.Writable, this);
        }

        public void OnReady(PollEvents events)
        {
            if (_unsent.Length > 0 ? !Send() : !Receive())
                _exchange.Fail();
        }

        public void Dispose()
        {
            _watch.Dispose();
            _socket.Dispose();
        }

        private bool Send()
        {
            if (InternetSocket.TakeError(_socket).Value != 0)
                return false;
            var (count, error) = InternetSocket.Send(_socket, _unsent);
            _unsent = _unsent[count..];
            if (_unsent.Length == 0)
                _watch.Set(PollEvents.Readable);
            return error.Value == 0 || error == Errno.EAGAIN;
        }

        private bool Receive()
        {
            var (count, error) = StreamIo.Read(_socket, _loop.Scratch);
            if (error == Errno.EAGAIN)
                return true;
            if (count <= 0)
                return false;
            if (_received.Length < _count + count)
                Array.Resize(ref _received, Math.Max(2 * _received.Length, _count + count));
            _loop.Scratch.AsSpan(0, count).CopyTo(_received.AsSpan(_count));
            _count += count;
            if (_count < LengthSize)
                return true;
            var length = BinaryPrimitives.ReadUInt16BigEndian(_received);
            return _count < LengthSize + length || _exchange.Receive(_received.AsSpan(LengthSize, length));
        }
    }
}
