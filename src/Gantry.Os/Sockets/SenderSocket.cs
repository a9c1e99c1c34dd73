using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>
/// A stream of which the reader learns which process wrote (SO_PASSCRED of unix(7)): the kernel says it, as a number in the reader's pid namespace,
/// whatever number the writer has in its own.
/// </summary>
public static partial class SenderSocket
{
    /// <summary>Makes the two ends; both block.</summary>
    /// <exception cref="OsException">No descriptors were left.</exception>
    public static unsafe (Fd Reader, Fd Writer) CreatePair()
    {
        var (reader, writer) = UnixSocket.CreatePair();
        var on = 1;
        if (setsockopt(reader.Number, SOL_SOCKET, SO_PASSCRED, &on, sizeof(int)) == 0)
            return (reader, writer);
        var error = Libc.LastError;
        reader.Dispose();
        writer.Dispose();
        throw new OsException("ask for the credentials of a peer", error);
    }

    /// <summary>Waits for one byte.</summary>
    /// <returns>The process that wrote it; null: there is no writer any more, or the socket was shut down.</returns>
    /// <exception cref="OsException">Reading failed.</exception>
    public static unsafe int? ReadByte(Fd reader)
    {
        byte one;
        var vector = stackalloc nint[2] { (nint)(&one), 1 };
        var control = stackalloc byte[ControlSize];
        nint count;
        MessageHeader header;
        do
        {
            // Everything the header points to is in this frame, with its size; the kernel writes at most ControlSize bytes.
            header = new MessageHeader { Vectors = vector, VectorCount = 1, Control = control, ControlLength = ControlSize };
            count = recvmsg(reader.Number, &header, MSG_CMSG_CLOEXEC);
        }
        while (count < 0 && Libc.LastError == Errno.EINTR);
        if (count < 0)
            throw new OsException("wait for a process to say that it is ready", Libc.LastError);
        if (count == 0)
            return null;
        return header.ControlLength >= CredentialsEnd && *(int*)(control + 8) == SOL_SOCKET && *(int*)(control + 12) == SCM_CREDENTIALS
            ? *(int*)(control + 16)
            : throw new OsException("learn which process is ready", Errno.EPROTO);
    }

    // struct cmsghdr (16 bytes) and struct ucred (12), and both rounded up.
    private const int CredentialsEnd = 28, ControlSize = 32;
    private const int SOL_SOCKET = 1, SO_PASSCRED = 16, SCM_CREDENTIALS = 2, MSG_CMSG_CLOEXEC = 0x40000000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setsockopt(int fd, int level, int option, void* value, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint recvmsg(int fd, MessageHeader* header, int flags);
}
