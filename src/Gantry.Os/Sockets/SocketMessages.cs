using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>Sending and receiving on unix sockets, with descriptors as ancillary data (SCM_RIGHTS of unix(7)). No SIGPIPE is raised.</summary>
public static partial class SocketMessages
{
    /// <summary>How many descriptors the kernel takes in one message (SCM_MAX_FD).</summary>
    public const int MaximumDescriptors = 253;

    /// <summary>Sends bytes, and descriptors with the first of them.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">What to send; not empty when there are descriptors.</param>
    /// <param name="descriptors">What to duplicate into the receiver.</param>
    /// <param name="wait">Whether to wait while the receiver's queue is full; otherwise the error is EAGAIN.</param>
    /// <returns>How many bytes were taken; if any were, all descriptors were.</returns>
    public static unsafe (int Count, Errno Error) Send(Fd socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors, bool wait)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaximumDescriptors);
        var control = stackalloc byte[ControlSize(MaximumDescriptors)];
        // Bytes are pinned over the call; the header, vector and control block are this frame's own and sized for the most descriptors.
        fixed (byte* pointer = bytes)
        {
            var vector = stackalloc nint[2] { (nint)pointer, bytes.Length };
            var header = new MessageHeader { Vectors = vector, VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                *(nint*)control = ControlHeaderSize + descriptors.Length * sizeof(int);
                *(int*)(control + 8) = SOL_SOCKET;
                *(int*)(control + 12) = SCM_RIGHTS;
                descriptors.CopyTo(new Span<int>(control + ControlHeaderSize, descriptors.Length));
                header.Control = control;
                header.ControlLength = ControlSize(descriptors.Length);
            }
            return SendMessage(socket, &header, wait);
        }
    }

    /// <summary>Sends three pieces, one after the other, without waiting (EAGAIN: the receiver's queue is full).</summary>
    /// <returns>How many bytes were taken.</returns>
    public static unsafe (int Count, Errno Error) SendPieces(
        Fd socket, ReadOnlySpan<byte> one, ReadOnlySpan<byte> two, ReadOnlySpan<byte> three)
    {
        // All pieces are pinned over the call and their own lengths are given.
        fixed (byte* first = one, second = two, third = three)
        {
            var vectors = stackalloc nint[6] { (nint)first, one.Length, (nint)second, two.Length, (nint)third, three.Length };
            var header = new MessageHeader { Vectors = vectors, VectorCount = 3 };
            return SendMessage(socket, &header, wait: false);
        }
    }

    /// <summary>Receives bytes and the descriptors that came with them, without waiting (EAGAIN: there is nothing).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Receives bytes.</param>
    /// <param name="descriptors">Receives descriptors, owned by the caller.</param>
    /// <returns>How many bytes there were (0: end of stream). EMFILE: descriptors were lost because no more may be open.</returns>
    public static unsafe (int Count, Errno Error) Receive(Fd socket, Span<byte> buffer, ICollection<Fd> descriptors)
    {
        var control = stackalloc byte[ControlSize(MaximumDescriptors)];
        nint count;
        MessageHeader header;
        // As in Send; the kernel writes at most ControlLength bytes into the control block.
        fixed (byte* pointer = buffer)
        {
            var vector = stackalloc nint[2] { (nint)pointer, buffer.Length };
            do
            {
                header = new MessageHeader
                {
                    Vectors = vector, VectorCount = 1, Control = control, ControlLength = ControlSize(MaximumDescriptors),
                };
                count = recvmsg(socket.Number, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
            }
            while (count < 0 && Libc.LastError == Errno.EINTR);
        }
        if (count < 0)
            return (0, Libc.LastError);
        if (header.ControlLength >= ControlHeaderSize && *(int*)(control + 8) == SOL_SOCKET && *(int*)(control + 12) == SCM_RIGHTS)
        {
            foreach (var number in new ReadOnlySpan<int>(control + ControlHeaderSize, (int)(*(nint*)control - ControlHeaderSize) / sizeof(int)))
                descriptors.Add(new Fd(number));
        }
        return (header.Flags & MSG_CTRUNC) == 0 ? ((int)count, default) : (0, Errno.EMFILE);
    }

    private static unsafe (int Count, Errno Error) SendMessage(Fd socket, MessageHeader* header, bool wait)
    {
        while (true)
        {
            var count = sendmsg(socket.Number, header, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
            if (count >= 0)
                return ((int)count, default);
            if (Libc.LastError != Errno.EINTR)
                return (0, Libc.LastError);
        }
    }

    private static int ControlSize(int descriptors) => ControlHeaderSize + ((descriptors * sizeof(int) + 7) & ~7);

    private const int ControlHeaderSize = 16;
    private const int SOL_SOCKET = 1, SCM_RIGHTS = 1;
    private const int MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000, MSG_CMSG_CLOEXEC = 0x40000000, MSG_CTRUNC = 0x8;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint sendmsg(int fd, MessageHeader* header, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint recvmsg(int fd, MessageHeader* header, int flags);
}
