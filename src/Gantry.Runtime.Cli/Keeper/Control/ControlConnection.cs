using Gantry.Os;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Cli.Keeper.Control;

/// <summary>A daemon's connection: frames in, frames out, nothing of their meaning. A frame that makes no sense ends this connection alone.</summary>
internal sealed class ControlConnection : IPollHandler, IDisposable
{
    private readonly EventLoop _loop;
    private readonly Fd _socket;
    private readonly FrameReceiver _receiver;
    private readonly EventLoop.Watch _watch;
    private readonly Action<ControlConnection, Frame> _received;
    private readonly Action<ControlConnection> _closed;
    private readonly Queue<Outgoing> _outgoing = new();
    private bool _disposed;

    public ControlConnection(EventLoop loop, Fd socket, Action<ControlConnection, Frame> received, Action<ControlConnection> closed)
    {
        (_loop, _socket, _received, _closed) = (loop, socket, received, closed);
        _receiver = new FrameReceiver(socket);
        _watch = loop.Add(socket, PollEvents.Readable, this);
    }

    /// <summary>Whether it has said hello.</summary>
    public bool Greeted { get; set; }

    /// <summary>Sends a frame, at once or when the daemon takes it. The descriptors may be closed afterwards.</summary>
    /// <returns>Whether it was at once: then the daemon has it, whatever becomes of this process.</returns>
    public bool Send(MessageWriter message)
    {
        if (_disposed)
            return false;
        _outgoing.Enqueue(new Outgoing(message.Finish(), [.. message.Descriptors.Select(d => d.Duplicate())]));
        SendOutgoing();
        return _outgoing.Count == 0;
    }

    public void OnReady(PollEvents events)
    {
        if ((events & PollEvents.Writable) != 0)
            SendOutgoing();
        if (_disposed || (events & ~PollEvents.Writable) == 0)
            return;
        try
        {
            if (_receiver.Receive(_loop.Scratch, frame => _received(this, frame)) == ReceiveState.Closed)
                Close();
        }
        catch (InvalidDataException error)
        {
            Console.Error.WriteLine($"a connection is closed: {error.Message}");
            Close();
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _watch.Dispose();
        _receiver.Dispose();
        _socket.Dispose();
        while (_outgoing.TryDequeue(out var outgoing))
            outgoing.Dispose();
    }

    private void Close()
    {
        if (_disposed)
            return;
        Dispose();
        _closed(this);
    }

    private void SendOutgoing()
    {
        while (_outgoing.TryPeek(out var outgoing))
        {
            var (count, error) = SocketMessages.Send(
                _socket, outgoing.Rest.Span, outgoing.Sent == 0 ? outgoing.Numbers : [], wait: false);
            if (error == Errno.EAGAIN || error == Errno.ETOOMANYREFS)
            {
                _watch.Set(PollEvents.Readable | PollEvents.Writable);
                return;
            }
            if (error.Value != 0)
            {
                // Also when it is inside its own request: whoever asked is gone.
                _loop.Post(Close);
                return;
            }
            outgoing.Sent += count;
            if (outgoing.Rest.IsEmpty)
                _outgoing.Dequeue().Dispose();
        }
        _watch.Set(PollEvents.Readable);
    }

    private sealed class Outgoing(ReadOnlyMemory<byte> frame, Fd[] descriptors) : IDisposable
    {
        public int Sent { get; set; }

        public ReadOnlyMemory<byte> Rest => frame[Sent..];

        public int[] Numbers => [.. descriptors.Select(d => d.Number)];

        public void Dispose()
        {
            foreach (var descriptor in descriptors)
                descriptor.Dispose();
        }
    }
}
