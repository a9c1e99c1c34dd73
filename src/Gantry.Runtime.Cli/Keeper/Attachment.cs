using System.Buffers.Binary;
using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Cli.Keeper.Output;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>
/// A client's end of a process: output goes to it at its own pace (the ring is its buffer, so a slow one holds the process back), what it
/// sends goes to the standard input.
/// </summary>
internal sealed class Attachment : IPollHandler, IDisposable
{
    private const int FrameHeaderSize = 8;

    private readonly SupervisedProcess _process;
    private readonly Fd _socket;
    private readonly AttachStreams _streams;
    private readonly EventLoop.Watch _watch;
    private byte[] _pendingInput = [];
    private int _sentOfChunk;
    private bool _blocked, _inputEnded, _outputEnded, _disposed;

    public Attachment(SupervisedProcess process, Fd socket, AttachStreams streams)
    {
        (_process, _socket, _streams) = (process, socket, streams);
        Position = process.Ring.Head;
        LastProgress = Clock.MonotonicMilliseconds;
        StreamIo.SetNonBlocking(socket, true);
        _watch = process.Loop.Add(socket, Wanted, this);
    }

    /// <summary>The chunk that is being sent.</summary>
    public long Position { get; private set; }

    /// <summary>When something was last sent, in milliseconds of the monotonic clock.</summary>
    public long LastProgress { get; private set; }

    private bool Raw => _process.Record.Stdio.Terminal;

    private bool EndsWithClient => _process.Record.Stdio is { StdinOnce: true, Terminal: false };

    private PollEvents Wanted => PollEvents.HangUp
        | (_blocked ? PollEvents.Writable : 0)
        | (_process.InputStarted && !_inputEnded && _pendingInput.Length == 0 ? PollEvents.Readable : 0);

    public void OnReady(PollEvents events)
    {
        if ((events & PollEvents.Writable) != 0)
        {
            SendOutput();
            _process.RoomMade();
        }
        if (!_disposed && (events & PollEvents.Readable & Wanted) != 0)
            ReceiveInput();
        if (!_disposed && (events & (PollEvents.HangUp | PollEvents.Error)) != 0 && (Wanted & PollEvents.Readable) == 0)
            Leave();
    }

    /// <summary>Sends what is in the ring, as much as the client takes; at the end of the output closes the connection.</summary>
    public void SendOutput()
    {
        _blocked = false;
        while (Position < _process.Ring.Head)
        {
            var chunk = _process.Ring.ChunkAt(Position);
            if (_streams.HasFlag(chunk.Stream == 0 ? AttachStreams.Stdout : AttachStreams.Stderr) && !SendChunk(chunk))
                break;
            if (_disposed)
                return;
            (Position, _sentOfChunk) = (chunk.Next, 0);
        }
        if (_outputEnded && !_blocked)
        {
            _process.Detach(this);
            return;
        }
        _watch.Set(Wanted);
    }

    /// <summary>Says that nothing will be added to the ring.</summary>
    public void EndOutput()
    {
        _outputEnded = true;
        SendOutput();
    }

    /// <summary>Goes on with input that the process had no room for.</summary>
    public void ResumeInput()
    {
        var pending = _pendingInput;
        _pendingInput = [];
        if (pending.Length > 0)
            Forward(pending);
        if (!_disposed)
            _watch.Set(Wanted);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _watch.Dispose();
        _socket.Dispose();
    }

    /// <summary>Sends a chunk, in docker's framing unless there is a terminal: stream number, three zeros, length (big-endian), data.</summary>
    /// <returns>Whether all of it was taken.</returns>
    private bool SendChunk(OutputChunk chunk)
    {
        Span<byte> header = stackalloc byte[FrameHeaderSize];
        header.Clear();
        header[0] = (byte)(chunk.Stream + 1);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], chunk.Length);
        var framing = Raw ? 0 : FrameHeaderSize;
        while (_sentOfChunk < framing + chunk.Length)
        {
            var data = _process.Ring.DataOf(chunk, Math.Max(_sentOfChunk - framing, 0));
            var rest = _sentOfChunk < framing ? header[_sentOfChunk..] : default;
            var (count, error) = SocketMessages.SendPieces(_socket, rest, data.First, data.Second);
            if (error == Errno.EAGAIN)
            {
                _blocked = true;
                return false;
            }
            if (error.Value != 0)
            {
                Leave();
                return true;
            }
            _sentOfChunk += count;
            LastProgress = Clock.MonotonicMilliseconds;
        }
        return true;
    }

    private void ReceiveInput()
    {
        var (count, error) = StreamIo.Read(_socket, _process.Loop.Scratch);
        if (error == Errno.EAGAIN)
            return;
        if (count == 0)
        {
            EndInput(error.Value != 0);
            return;
        }
        if (_streams.HasFlag(AttachStreams.Stdin))
            Forward(_process.Loop.Scratch.AsSpan(0, count));
        if (!_disposed)
            _watch.Set(Wanted);
    }

    /// <summary>
    /// The client is gone, and was not heard to end: the process does not run yet, has no room for what it sent, or had something to tell it first. What
    /// it had sent is the process's all the same, and then its part in the input ends.
    /// </summary>
    private void Leave()
    {
        if (!_inputEnded && _streams.HasFlag(AttachStreams.Stdin))
        {
            // More than a socket holds comes from one that goes on sending, and is nobody's.
            const int most = 1 << 20;
            List<byte> rest = [.. _pendingInput];
            for (int count; rest.Count < most && (count = StreamIo.Read(_socket, _process.Loop.Scratch).Count) > 0;)
                rest.AddRange(_process.Loop.Scratch.AsSpan(0, count));
            _process.LeaveInput(rest.ToArray(), EndsWithClient);
        }
        _process.Detach(this);
    }

    private void Forward(ReadOnlySpan<byte> input)
    {
        var taken = _process.WriteInput(input);
        if (taken < input.Length)
            _pendingInput = input[taken..].ToArray();
    }

    /// <summary>
    /// The client sends no more. As in docker, that ends the standard input if it was opened for one client; otherwise it ends a
    /// client's attachment that had a part in the input, and leaves the input open for the next.
    /// </summary>
    private void EndInput(bool broken)
    {
        _inputEnded = true;
        if (_streams.HasFlag(AttachStreams.Stdin))
        {
            if (EndsWithClient)
                _process.CloseInput();
            else
                _outputEnded = true;
        }
        if (broken)
            _process.Detach(this);
        else
            SendOutput();
    }
}
