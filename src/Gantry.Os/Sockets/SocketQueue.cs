using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>What is under way in a socket (SIOCOUTQ of unix(7) and tcp(7)).</summary>
public static unsafe partial class SocketQueue
{
    private const nuint SIOCOUTQ = 0x5411;

    /// <summary>How much was sent that the other end of a unix socket has not read, in bytes of the kernel's memory.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <returns>0 when all is read, or it cannot be told.</returns>
    public static int Unread(nint descriptor)
    {
        var count = 0;
        // Safe: the kernel writes one int.
        return ioctl((int)descriptor, SIOCOUTQ, &count) == 0 ? count : 0;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, void* argument);
}
