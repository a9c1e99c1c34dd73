using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Keeper.Client;

/// <summary>
/// The daemon's side of one keeper's socket, or of that of another program of the engine's that speaks in frames. Frames are sent by whoever asks (the keeper's
/// loop never makes a sender wait long) and received
/// by a thread of this connection's own, in order.
/// </summary>
internal sealed class KeeperConnection : IDisposable
{
    private readonly Fd _socket;
    private readonly EventFd _stop = new();
    private readonly Lock _sending = new();
    private readonly Dictionary<ulong, Pending> _pending = [];
    private readonly Action<Frame> _event;
    private readonly Action<KeeperConnection> _lost;
    private readonly Thread _thread;
    private readonly string _peer;
    private ulong _lastRequest;
    private volatile bool _closed;

    /// <summary>Begins receiving.</summary>
    /// <param name="socket">A connected socket; this connection's from now on.</param>
    /// <param name="path">Where it is connected to.</param>
    /// <param name="received">Called for each event, on the connection's thread.</param>
    /// <param name="lost">Called on the connection's thread, as its last act, when the keeper closed it or died.</param>
    /// <param name="peer">What the program is called.</param>
    public KeeperConnection(Fd socket, string path, Action<Frame> received, Action<KeeperConnection> lost, string peer = "keeper")
    {
        (_socket, Path, _event, _lost, _peer) = (socket, path, received, lost, peer);
        _thread = new Thread(Receive) { Name = peer, IsBackground = true };
        _thread.Start();
    }

    /// <summary>The path of the keeper's socket.</summary>
    public string Path { get; }

    /// <summary>The keeper's process ID, once it was greeted.</summary>
    public int KeeperPid { get; private set; }

    /// <summary>Whether the keeper closed it, or died. Set before <c>lost</c> is called.</summary>
    public bool IsClosed => _closed;

    /// <summary>Says hello.</summary>
    /// <returns>Whether it speaks this version of the protocol.</returns>
    /// <exception cref="GantryException">It is gone (Unavailable).</exception>
    public Task<bool> GreetAsync() => GreetAsync(KeeperProtocol.Magic, KeeperProtocol.Version);

    /// <summary>Says hello to a program of another protocol.</summary>
    /// <param name="magic">The first bytes of its hello.</param>
    /// <param name="expected">The version of its messages.</param>
    /// <returns>Whether it speaks that version.</returns>
    /// <exception cref="GantryException">It is gone (Unavailable).</exception>
    public async Task<bool> GreetAsync(uint magic, int expected)
    {
        var message = New(MessageType.Hello).Int32((int)magic).Int32(expected);
        return await SendAsync(message, MessageType.HelloReply, frame =>
        {
            var reader = new MessageReader(frame.Payload);
            var version = reader.Int32();
            KeeperPid = reader.Int32();
            return version == expected;
        });
    }

    /// <summary>Begins a request.</summary>
    public MessageWriter New(MessageType type) => new(type, Interlocked.Increment(ref _lastRequest));

    /// <summary>Sends a request whose answer has nothing in it.</summary>
    public Task SendAsync(MessageWriter message) => SendAsync(message, MessageType.Done, _ => true);

    /// <summary>Sends a request.</summary>
    /// <param name="message">The request, made by <see cref="New"/> just now.</param>
    /// <param name="expected">The type of its last answer.</param>
    /// <param name="answered">
    /// Makes the result of the last answer. Called on the connection's thread, before any event that follows the answer is looked at.
    /// </param>
    /// <param name="item">Takes the answers before the last, if there are any.</param>
    /// <exception cref="GantryException">The keeper refused, or is gone (Unavailable).</exception>
    /// <exception cref="OsException">A system call failed in the keeper.</exception>
    public Task<T> SendAsync<T>(MessageWriter message, MessageType expected, Func<Frame, T> answered, Action<Frame>? item = null)
    {
        var bytes = message.Finish();
        var pending = new Pending<T>(expected, answered, item);
        var id = BitConverter.ToUInt64(bytes.Span[8..]);
        lock (_sending)
        {
            if (_closed)
                throw Gone();
            _pending.Add(id, pending);
            int[] descriptors = [.. message.Descriptors.Select(d => d.Number)];
            for (var sent = 0; sent < bytes.Length;)
            {
                var (count, error) = SocketMessages.Send(_socket, bytes.Span[sent..], sent == 0 ? descriptors : [], wait: true);
                // It has died: the receiving thread finds that out too, and fails what is pending.
                if (error.Value != 0)
                    break;
                sent += count;
            }
        }
        return pending.Task;
    }

    /// <summary>Closes the connection; <c>lost</c> is not called.</summary>
    public void Dispose()
    {
        _stop.Signal();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    /// <summary>Ends the sending half: the keeper closes the connection, as it does when it runs out of descriptors.</summary>
    internal void Break() => UnixSocket.ShutdownWriting(_socket);

    private GantryException Gone() => new(ErrorKind.Unavailable, $"the {_peer} closed the connection");

    private void Receive()
    {
        const ulong socketToken = 1, stopToken = 2;
        using var receiver = new FrameReceiver(_socket);
        using var epoll = new Epoll();
        epoll.Add(_socket, PollEvents.Readable, socketToken);
        epoll.Add(_stop.Descriptor, PollEvents.Readable, stopToken);
        Span<PollResult> results = stackalloc PollResult[2];
        var scratch = new byte[16 * 1024];
        var stopped = false;
        while (!stopped && !_closed)
        {
            var count = epoll.Wait(results, -1);
            foreach (var result in results[..count])
                stopped |= result.Token == stopToken;
            if (!stopped && !Receive(receiver, scratch))
                break;
        }
        FailPending();
        if (!stopped)
            _lost(this);
        _stop.Dispose();
    }

    private bool Receive(FrameReceiver receiver, byte[] scratch)
    {
        try
        {
            return receiver.Receive(scratch, Take) == ReceiveState.Drained;
        }
        catch (InvalidDataException)
        {
            // Not a keeper, or one that lost its mind: as good as gone. Its processes are handed to another.
            return false;
        }
    }

    private void Take(Frame frame)
    {
        if (frame.Header.RequestId == 0)
        {
            _event(frame);
            frame.Discard();
            return;
        }
        Pending? pending;
        lock (_sending)
        {
            if (!_pending.TryGetValue(frame.Header.RequestId, out pending))
                throw new InvalidDataException("an answer to no request");
            if (!pending.IsItem(frame))
                _pending.Remove(frame.Header.RequestId);
        }
        pending.Take(frame);
    }

    private void FailPending()
    {
        List<Pending> pending;
        lock (_sending)
        {
            _closed = true;
            pending = [.. _pending.Values];
            _pending.Clear();
            _socket.Dispose();
        }
        foreach (var request in pending)
            request.Fail(Gone());
    }

    private abstract class Pending
    {
        public abstract bool IsItem(Frame frame);

        public abstract void Take(Frame frame);

        public abstract void Fail(Exception error);
    }

    private sealed class Pending<T>(MessageType expected, Func<Frame, T> answered, Action<Frame>? item) : Pending
    {
        private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _source.Task;

        public override bool IsItem(Frame frame) => item is not null && frame.Header.Type is MessageType.ListItem or MessageType.Starting;

        public override void Take(Frame frame)
        {
            if (IsItem(frame))
                item!(frame);
            else if (frame.Header.Type == expected)
                Complete(frame);
            else
                Fail(ReadFailure(frame));
        }

        public override void Fail(Exception error) => _source.TrySetException(error);

        private void Complete(Frame frame)
        {
            try
            {
                _source.TrySetResult(answered(frame));
            }
            catch (InvalidDataException error)
            {
                frame.Discard();
                Fail(error);
            }
        }

        private static Exception ReadFailure(Frame frame)
        {
            frame.Discard();
            var reader = new MessageReader(frame.Payload);
            if (frame.Header.Type == MessageType.SpawnFailed)
                return new SpawnFailure(reader.Int32(), new Errno(reader.Int32()), reader.Text());
            if (frame.Header.Type != MessageType.Failed)
                return new InvalidDataException($"an answer of the unexpected type {frame.Header.Type}");
            var (kind, errno, text) = ((ErrorKind)reader.Int32(), reader.Int32(), reader.Text());
            return errno != 0 ? new OsException(text, new Errno(errno)) : new GantryException(kind, text);
        }
    }
}

/// <summary>A program failed in the child: only the daemon knows what its operations are called.</summary>
/// <param name="operation">The operation's index; -1: there was no child.</param>
/// <param name="errno">Its error.</param>
/// <param name="text">What was being done when there was no child.</param>
internal sealed class SpawnFailure(int operation, Errno errno, string text) : Exception(text)
{
    /// <summary>The failure with the name of the stage.</summary>
    public OsException Explain(IReadOnlyList<string> stages) =>
        new(operation >= 0 && operation < stages.Count ? stages[operation] : Message, errno);
}
