using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.NetHelper.Forwarding;

/// <summary>
/// Two connections of which each gets what the other sends. What one end does not take is kept, one buffer at most, and the other end is read no
/// further; an end that sends no more is told on.
/// </summary>
internal sealed class ForwardedConnection
{
    private readonly EventLoop _loop;
    private readonly Action _closed;
    private readonly End _client, _target;
    private bool _over;

    /// <summary>Begins; it ends by itself.</summary>
    /// <param name="loop">Where it runs.</param>
    /// <param name="client">Who connected; taken.</param>
    /// <param name="target">A connection that was begun; taken.</param>
    /// <param name="closed">Called once, when both are closed.</param>
    public ForwardedConnection(EventLoop loop, Fd client, Fd target, Action closed)
    {
        (_loop, _closed) = (loop, closed);
        (_client, _target) = (new End(this, client), new End(this, target) { IsConnecting = true });
        (_client.Other, _target.Other) = (_target, _client);
        _client.Begin();
        _target.Begin();
    }

    private void Close()
    {
        if (_over)
            return;
        _over = true;
        _client.Dispose();
        _target.Dispose();
        _closed();
    }

    private sealed class End(ForwardedConnection owner, Fd socket) : IPollHandler, IDisposable
    {
        private EventLoop.Watch? _watch;
        private byte[] _unsent = [];
        private bool _hasEnded, _isToEnd;

        public End Other { get; set; } = null!;

        public bool IsConnecting { get; set; }

        /// <summary>Whether it takes more: a buffer's worth is all that is kept for it.</summary>
        private bool HasRoom => !IsConnecting && _unsent.Length == 0;

        private bool IsDone => _hasEnded && _unsent.Length == 0 && !_isToEnd;

        public void Begin()
        {
            _watch = owner._loop.Add(socket, PollEvents.None, this);
            Settle();
        }

        public void OnReady(PollEvents events)
        {
            // A connection that failed: the client sees its own end.
            if (IsConnecting && (events & (PollEvents.Writable | PollEvents.Error | PollEvents.HangUp)) != 0)
            {
                if (InternetSocket.TakeError(socket).Value != 0)
                {
                    owner.Close();
                    return;
                }
                IsConnecting = false;
            }
            if ((events & PollEvents.Writable) != 0)
                Send([]);
            if (!owner._over && (events & ~PollEvents.Writable) != 0)
                Read();
            if (owner._over)
                return;
            if (IsDone && Other.IsDone)
            {
                owner.Close();
                return;
            }
            Settle();
            Other.Settle();
        }

        public void Dispose()
        {
            _watch?.Dispose();
            socket.Dispose();
        }

        private void Read()
        {
            if (_hasEnded || !Other.HasRoom)
                return;
            var (count, error) = StreamIo.Read(socket, owner._loop.Scratch);
            if (error == Errno.EAGAIN)
                return;
            if (error.Value != 0)
            {
                owner.Close();
                return;
            }
            if (count == 0)
            {
                _hasEnded = true;
                Other._isToEnd = true;
            }
            Other.Send(owner._loop.Scratch.AsSpan(0, count));
        }

        private void Send(ReadOnlySpan<byte> bytes)
        {
            var kept = _unsent.Length > 0;
            var all = kept ? _unsent : bytes;
            var (count, error) = all.IsEmpty || IsConnecting ? (0, default) : InternetSocket.Send(socket, all);
            if (error.Value != 0 && error != Errno.EAGAIN)
            {
                owner.Close();
                return;
            }
            _unsent = all[count..].ToArray();
            if (_unsent.Length > 0 || !_isToEnd || IsConnecting)
                return;
            _isToEnd = false;
            UnixSocket.ShutdownWriting(socket);
        }

        private void Settle() => _watch?.Set(
            (!_hasEnded && Other.HasRoom ? PollEvents.Readable : 0) | (IsConnecting || _unsent.Length > 0 || _isToEnd ? PollEvents.Writable : 0));
    }
}
