using System.Buffers.Binary;
using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.NetHelper.Names;

/// <summary>
/// A container's connection of TCP: any number of questions, each behind its length; answers in the order in which they come (RFC 7766). What it may
/// have under way is bounded; it is read no further meanwhile.
/// </summary>
internal sealed class StreamClient : IPollHandler, IDisposable
{
    private const int LengthSize = 2, MostPending = 32, MostUnsent = 256 << 10, LongestQuestion = 4096, LongestAnswer = 65535;

    private readonly NameService _service;
    private readonly EventLoop _loop;
    private readonly ContainerResolver _resolver;
    private readonly Fd _socket;
    private readonly Action<StreamClient> _closed;
    private readonly EventLoop.Watch _watch;
    private byte[] _received = [], _unsent = [];
    private int _receivedCount, _pending;
    private bool _ended, _disposed;

    public StreamClient(EventLoop loop, NameService service, ContainerResolver resolver, Fd socket, Action<StreamClient> closed)
    {
        (_loop, _service, _resolver, _socket, _closed) = (loop, service, resolver, socket, closed);
        LastActive = Clock.MonotonicMilliseconds;
        _watch = loop.Add(socket, PollEvents.Readable, this);
    }

    /// <summary>When it last asked or was answered, in milliseconds of the monotonic clock.</summary>
    public long LastActive { get; private set; }

    private bool MayRead => !_ended && _pending < MostPending && _unsent.Length < MostUnsent;

    public void OnReady(PollEvents events)
    {
        if ((events & PollEvents.Writable) != 0)
            Send([]);
        if (!_disposed && (events & ~PollEvents.Writable) != 0)
            Read();
        if (!_disposed)
            Settle();
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _watch.Dispose();
        _socket.Dispose();
        _closed(this);
    }

    private void Read()
    {
        if (!MayRead)
        {
            // Only a hang-up is reported now.
            Dispose();
            return;
        }
        var (count, error) = StreamIo.Read(_socket, _loop.Scratch.AsSpan(0, LongestQuestion));
        if (error == Errno.EAGAIN)
            return;
        if (error.Value != 0)
        {
            Dispose();
            return;
        }
        // The client asks no more, but may wait for answers.
        _ended = count == 0;
        if (_received.Length < _receivedCount + count)
            Array.Resize(ref _received, _receivedCount + count);
        _loop.Scratch.AsSpan(0, count).CopyTo(_received.AsSpan(_receivedCount));
        _receivedCount += count;
        TakeQuestions();
    }

    private void TakeQuestions()
    {
        var taken = 0;
        while (!_disposed && _pending < MostPending && _receivedCount - taken >= LengthSize)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(_received.AsSpan(taken));
            if (length > LongestQuestion)
            {
                Dispose();
                return;
            }
            if (_receivedCount - taken < LengthSize + length)
                break;
            Ask(_received.AsSpan(taken + LengthSize, length));
            taken += LengthSize + length;
        }
        _receivedCount -= taken;
        // Most have one question: nothing is kept for the time until the next.
        _received = _receivedCount == 0 ? [] : _received[taken..(taken + _receivedCount)];
    }

    private void Ask(ReadOnlySpan<byte> question)
    {
        LastActive = Clock.MonotonicMilliseconds;
        var answer = _loop.Scratch.AsSpan(0, LongestAnswer);
        var length = _service.Answer(_resolver, question, answer, isStream: true);
        if (length > 0)
            SendAnswer(answer[..length]);
        if (length >= 0)
            return;
        _pending++;
        _service.Forward(_resolver, question.ToArray(), isStream: true, late =>
        {
            _pending--;
            if (_disposed)
                return;
            LastActive = Clock.MonotonicMilliseconds;
            SendAnswer(late);
            // What was received while too many were under way.
            _loop.Post(Continue);
        });
    }

    private void Continue()
    {
        if (_disposed)
            return;
        TakeQuestions();
        if (!_disposed)
            Settle();
    }

    private void SendAnswer(ReadOnlySpan<byte> answer)
    {
        var framed = new byte[LengthSize + answer.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)answer.Length);
        answer.CopyTo(framed.AsSpan(LengthSize));
        Send(framed);
    }

    /// <summary>Sends what is left from before, and this; keeps what is not taken.</summary>
    private void Send(ReadOnlySpan<byte> bytes)
    {
        if (_disposed)
            return;
        byte[] all = [.. _unsent, .. bytes];
        var (count, error) = all.Length == 0 ? (0, default) : InternetSocket.Send(_socket, all);
        _unsent = all[count..];
        if (error.Value != 0 && error != Errno.EAGAIN)
            // Whoever sends may be in the middle of reading.
            _loop.Post(Dispose);
    }

    private void Settle()
    {
        if (_ended && _pending == 0 && _unsent.Length == 0)
            Dispose();
        else
            _watch.Set((MayRead ? PollEvents.Readable : 0) | (_unsent.Length > 0 ? PollEvents.Writable : 0));
    }
}
