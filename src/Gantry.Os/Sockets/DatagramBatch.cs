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
    private readonly int[] _answerLengths = new int[Capacity];

    /// <summary>Takes the memory; what is not used costs nothing.</summary>
    /// <param name="receiveSize">The longest datagram that is taken; longer ones are passed over.</param>
    /// <param name="answerSize">The longest answer.</param>
    public DatagramBatch(int receiveSize, int answerSize)
    {
        (_receiveSize, _answerSize) = (receiveSize, answerSize);
        var fixedSize = Capacity * (sizeof(Message) + 2 * sizeof(nint) + InternetAddress.Size);
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(fixedSize + Capacity * (receiveSize + answerSize)));
        _messages = (Message*)_memory;
        _vectors = (nint*)(_messages + Capacity);
        _senders = (InternetAddress*)(_vectors + 2 * Capacity);
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

    /// <summary>Sends the answers to who asked, without waiting: those for which there is no room are lost, as datagrams may be.</summary>
    public void SendAnswers(Fd socket)
    {
        var count = 0;
        for (var i = 0; i < Capacity; i++)
        {
            if (_answerLengths[i] == 0)
                continue;
            (_vectors[2 * count], _vectors[2 * count + 1]) = ((nint)(_answers + i * _answerSize), _answerLengths[i]);
            _messages[count] = new Message { Name = (byte*)(_senders + i), NameLength = _senders[i].Length, Vectors = _vectors + 2 * count, VectorCount = 1 };
            count++;
        }
        // Safe: as in Receive. The first one that cannot be sent ends a call, and is passed over.
        for (var sent = 0; sent < count;)
            sent += Math.Max(1, sendmmsg(socket.Number, _messages + sent, (uint)(count - sent), MSG_DONTWAIT | MSG_NOSIGNAL));
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_memory);

    private static int Checked(int index) => (uint)index < Capacity ? index : throw new ArgumentOutOfRangeException(nameof(index));

    private const int MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000, MSG_TRUNC = 0x20;

    /// <summary>struct mmsghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Message
    {
        [FieldOffset(0)] internal byte* Name;
        [FieldOffset(8)] internal uint NameLength;
        [FieldOffset(16)] internal nint* Vectors;
        [FieldOffset(24)] internal nint VectorCount;
        [FieldOffset(48)] internal int Flags;
        [FieldOffset(56)] internal uint Length;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int recvmmsg(int fd, Message* messages, uint count, int flags, nint timeout);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int sendmmsg(int fd, Message* messages, uint count, int flags);
}
