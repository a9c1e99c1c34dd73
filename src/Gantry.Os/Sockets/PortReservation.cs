using System.Net;
using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>
/// Keeps a port of this machine for ourselves: a socket that is bound and never used (ip(7)). It does not listen, so that who connects past
/// the firewall's rules is refused and does not wait.
/// </summary>
public static partial class PortReservation
{
    /// <summary>Reserves a port.</summary>
    /// <param name="address">An IPv4 address of this machine; 0.0.0.0 for all.</param>
    /// <param name="port">The port; 0: one that is free.</param>
    /// <param name="isTcp">TCP; otherwise UDP.</param>
    /// <param name="error">Why not: EADDRINUSE, EADDRNOTAVAIL.</param>
    /// <returns>The socket that holds it, and the port; null after an error.</returns>
    public static unsafe (Fd Socket, ushort Port)? TryReserve(IPAddress address, ushort port, bool isTcp, out Errno error)
    {
        var number = socket(AF_INET, (isTcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
        if (number < 0)
        {
            error = Libc.LastError;
            return null;
        }
        var reservation = new Fd(number);
        // struct sockaddr_in: family, port, address, eight bytes of nothing. The kernel reads and writes no more than its size.
        var name = stackalloc byte[AddressSize];
        new Span<byte>(name, AddressSize).Clear();
        *(ushort*)name = AF_INET;
        (name[2], name[3]) = ((byte)(port >> 8), (byte)port);
        address.GetAddressBytes().CopyTo(new Span<byte>(name + 4, 4));
        uint length = AddressSize;
        if (bind(number, name, length) < 0 || getsockname(number, name, &length) < 0)
        {
            error = Libc.LastError;
            reservation.Dispose();
            return null;
        }
        error = default;
        return (reservation, (ushort)(name[2] << 8 | name[3]));
    }

    private const int AF_INET = 2, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0x80000, AddressSize = 16;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int bind(int fd, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockname(int fd, byte* address, uint* length);
}
