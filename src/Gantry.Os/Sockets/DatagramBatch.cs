using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>
/// Room for a few datagrams that come and their answers, received by one system call and sent by another (recvmmsg(2), sendmmsg(2)). One thread
/// uses it, for any number of sockets.
/// </summary>
public sealed unsafe partial class DatagramBatch : IDisposable
{
    /// <summary>How many datagrams one call takes at most.</summary>
    public const int Capacity = 32;

    private readonly int _receiveSize, _answerSize;
    private readonly byte* _memory;
    private readonly Message* _messages;
    private readonly nint* _vectors;
    private readonly InternetAddress* _senders;
    private readonly byte* _received, _answers;
    private readonly SegmentControl* _controls;
    private readonly int[] _answerLengths = new int[Capacity];
    private readonly int[] _firsts = new int[Capacity + 1];
    private bool _unites = true;

    /// <summary>Takes the memory; what is not used costs nothing.</summary>
    /// <param name="receiveSize">The longest datagram that is taken; longer ones are passed over.</param>
    /// <param name="answerSize">The longest answer.</param>
    public DatagramBatch(int receiveSize, int answerSize)
    {
        (_receiveSize, _answerSize) = (receiveSize, answerSize);
        var fixedSize = Capacity * (sizeof(Message) + 2 * sizeof(nint) + sizeof(SegmentControl) + InternetAddress.Size);
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(fixedSize + Capacity * (receiveSize + answerSize)));
        _messages = (Message*)_memory;
        _vectors = (nint*)(_messages + Capacity);
        _controls = (SegmentControl*)(_vectors + 2 * Capacity);
        _senders = (InternetAddress*)(_controls + Capacity);
        _received = (byte*)(_senders + Capacity);
        _answers = _received + Capacity * receiveSize;
    }

    /// <summary>Receives what has come, without waiting.</summary>
    /// <returns>How many datagrams there are; 0 also after an error, which a socket of UDP that is not connected has no more of afterwards.</returns>
    public int Receive(Fd socket)
    {
        for (var i = 0; i < Capacity; i++)
        {
            (_vectors[2 * i], _vectors[2 * i + 1]) = ((nint)(_received + i * _receiveSize), _receiveSize);
            _messages[i] = new Message { Name = (byte*)(_senders + i), NameLength = InternetAddress.Size, Vectors = _vectors + 2 * i, VectorCount = 1 };
            _answerLengths[i] = 0;
        }
        // Safe: headers, vectors, names and buffers lie in this object's memory, as large as they say.
        return Math.Max(0, recvmmsg(socket.Number, _messages, Capacity, MSG_DONTWAIT, 0));
    }

    /// <summary>A datagram of the last <see cref="Receive"/>; empty if it was too long.</summary>
    public ReadOnlySpan<byte> Received(int index) =>
        (_messages[Checked(index)].Flags & MSG_TRUNC) != 0 ? [] : new ReadOnlySpan<byte>(_received + index * _receiveSize, (int)_messages[index].Length);

    /// <summary>Who sent it.</summary>
    public InternetAddress Sender(int index) => _senders[Checked(index)];

    /// <summary>Where its answer is to be written.</summary>
    public Span<byte> Answer(int index) => new(_answers + Checked(index) * _answerSize, _answerSize);

    /// <summary>Says how long its answer is; without that it gets none.</summary>
    public void SetAnswer(int index, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _answerSize);
        _answerLengths[Checked(index)] = length;
    }

    /// <summary>
    /// Sends the answers to who asked, without waiting: those for which there is no room are lost, as datagrams may be. Answers to one asker that follow
    /// each other go through the kernel as one (UDP_SEGMENT, udp(7)) if they have one length, or the last is shorter; they arrive as they are.
    /// </summary>
    public void SendAnswers(Fd socket)
    {
        for (var next = 0; next < Capacity;)
        {
            var count = Compose(next, out var end);
            // Safe: as in Receive. The first one that cannot be sent ends a call, and is passed over.
            var sent = count == 0 ? 0 : sendmmsg(socket.Number, _messages, (uint)count, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent == count)
                next = end;
            else if (sent < 0 && _messages[0].Control != null && Libc.LastError != Errno.EAGAIN)
                // A kernel, or an interface, that cannot divide.
                _unites = false;
            else
                next = _firsts[Math.Max(1, sent)];
        }
    }

    /// <summary>Writes the messages of the answers from one on.</summary>
    /// <param name="next">That one.</param>
    /// <param name="end">Where the answers end.</param>
    /// <returns>How many messages there are; <see cref="_firsts"/> has where each begins, and where the last one ends.</returns>
    private int Compose(int next, out int end)
    {
        var (count, vectors) = (0, 0);
        for (end = next; end < Capacity; end++)
        {
            var length = _answerLengths[end];
            if (length == 0)
                continue;
            var goesAlong = count > 0 && MayFollow(_firsts[count - 1], (int)_vectors[2 * vectors - 1], end);
            (_vectors[2 * vectors], _vectors[2 * vectors + 1]) = ((nint)(_answers + end * _answerSize), length);
            if (goesAlong)
                Extend(count - 1, _answerLengths[_firsts[count - 1]]);
            else
            {
                _messages[count] = new Message { Name = (byte*)(_senders + end), NameLength = _senders[end].Length, Vectors = _vectors + 2 * vectors,
                    VectorCount = 1 };
                _firsts[count++] = end;
            }
            vectors++;
        }
        _firsts[count] = end;
        return count;
    }

    /// <summary>Whether an answer may go along with those from <paramref name="first"/> on, the last of which is as long as said.</summary>
    private bool MayFollow(int first, int lastLength, int index) =>
        _unites && lastLength == _answerLengths[first] && _answerLengths[index] <= lastLength && _senders[index] == _senders[first]
        && (index - first + 1) * lastLength <= LongestUnited;

    private void Extend(int message, int partLength)
    {
        _controls[message] = new SegmentControl { Length = 18, Level = SOL_UDP, Type = UDP_SEGMENT, Size = (ushort)partLength };
        _messages[message].Control = _controls + message;
        _messages[message].ControlLength = sizeof(SegmentControl);
        _messages[message].VectorCount++;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_memory);

    private static int Checked(int index) => (uint)index < Capacity ? index : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Bytes of one datagram, at most.</summary>
    private const int LongestUnited = 65000;

    private const int MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000, MSG_TRUNC = 0x20, SOL_UDP = 17, UDP_SEGMENT = 103;

    /// <summary>struct mmsghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Message
    {
        [FieldOffset(0)] internal byte* Name;
        [FieldOffset(8)] internal uint NameLength;
        [FieldOffset(16)] internal nint* Vectors;
        [FieldOffset(24)] internal nint VectorCount;
        [FieldOffset(32)] internal SegmentControl* Control;
        [FieldOffset(40)] internal nint ControlLength;
        [FieldOffset(48)] internal int Flags;
        [FieldOffset(56)] internal uint Length;
    }

    /// <summary>struct cmsghdr with the size of each part of a datagram.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct SegmentControl
    {
        [FieldOffset(0)] internal nint Length;
        [FieldOffset(8)] internal int Level;
        [FieldOffset(12)] internal int Type;
        [FieldOffset(16)] internal ushort Size;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int recvmmsg(int fd, Message* messages, uint count, int flags, nint timeout);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int sendmmsg(int fd, Message* messages, uint count, int flags);
}
