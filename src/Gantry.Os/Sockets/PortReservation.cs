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
    /// <param name="address">An address of this machine; 0.0.0.0 or :: for all of that version.</param>
    /// <param name="port">The port; 0: one that is free.</param>
    /// <param name="protocol">The protocol's number: 6 is TCP, 17 UDP, 132 SCTP.</param>
    /// <param name="error">Why not: EADDRINUSE, EADDRNOTAVAIL; EPROTONOSUPPORT: this kernel lacks the protocol.</param>
    /// <returns>The socket that holds it, and the port; null after an error.</returns>
    public static unsafe (Fd Socket, ushort Port)? TryReserve(IPAddress address, ushort port, byte protocol, out Errno error)
    {
        var is4 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        var number = socket(is4 ? AF_INET : AF_INET6, (protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, protocol);
        if (number < 0)
        {
            error = Libc.LastError;
            return null;
        }
        var reservation = new Fd(number);
        // struct sockaddr_in: family, port, address, eight bytes of nothing; sockaddr_in6: family, port, flow, address, scope. The kernel reads
        // and writes no more than the size that it is told.
        var name = stackalloc byte[AddressSize6];
        new Span<byte>(name, AddressSize6).Clear();
        *(ushort*)name = (ushort)(is4 ? AF_INET : AF_INET6);
        (name[2], name[3]) = ((byte)(port >> 8), (byte)port);
        var bytes = address.GetAddressBytes();
        bytes.CopyTo(new Span<byte>(name + (is4 ? 4 : 8), bytes.Length));
        var length = (uint)(is4 ? AddressSize : AddressSize6);
        // An address of IPv6 does not stand for IPv4 as well: both are reserved by themselves.
        var one = 1;
        if ((!is4 && setsockopt(number, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(int)) < 0)
            || bind(number, name, length) < 0 || getsockname(number, name, &length) < 0)
        {
            error = Libc.LastError;
            reservation.Dispose();
            return null;
        }
        error = default;
        return (reservation, (ushort)(name[2] << 8 | name[3]));
    }

    private const int AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0x80000, AddressSize = 16, AddressSize6 = 28,
        IPPROTO_UDP = 17, IPPROTO_IPV6 = 41, IPV6_V6ONLY = 26;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int bind(int fd, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockname(int fd, byte* address, uint* length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setsockopt(int fd, int level, int option, int* value, uint length);
}
