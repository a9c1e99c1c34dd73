using System.Net;
using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>
/// Keeps a port of this machine for ourselves: a socket that is bound (ip(7)). It does not listen unless it is told to, so that who connects past
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
        var number = socket(is4 ? AF_INET : AF_INET6, (protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
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
            || (bind(number, name, length) < 0 && !BindBesideEndedConnections(number, name, length)) || getsockname(number, name, &length) < 0)
        {
            error = Libc.LastError;
            reservation.Dispose();
            return null;
        }
        error = default;
        return (reservation, (ushort)(name[2] << 8 | name[3]));
    }

    /// <summary>
    /// Connections that ended hold their port for a minute (TIME_WAIT, tcp(7)). Others that are in use are told by a listening socket. A caller that
    /// reserves ports itself has to know its own: two such reservations do not exclude each other.
    /// </summary>
    private static unsafe bool BindBesideEndedConnections(int number, byte* name, uint length)
    {
        var one = 1;
        // As above.
        return Libc.LastError == Errno.EADDRINUSE && setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(int)) == 0 && bind(number, name, length) == 0;
    }

    /// <summary>
    /// Has a reserved port of TCP listen, so that what the firewall does not lead elsewhere is taken by whoever gets the socket; one of UDP takes
    /// datagrams as it is.
    /// </summary>
    /// <param name="socket">What <see cref="TryReserve"/> returned.</param>
    /// <param name="isTcp">Whether it is of TCP.</param>
    /// <param name="onlyFromHere">Whether it is reached by this machine alone (SO_BINDTODEVICE, socket(7)). The port stays reserved for all others.</param>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static unsafe void Open(Fd socket, bool isTcp, bool onlyFromHere)
    {
        const int backlog = 128;
        var loopback = "lo"u8;
        // Two constant bytes are read during the call.
        fixed (byte* name = loopback)
        {
            if (onlyFromHere && setsockopt(socket.Number, SOL_SOCKET, SO_BINDTODEVICE, (int*)name, (uint)loopback.Length) < 0)
                throw new OsException("bind a reserved port to the loopback interface", Libc.LastError);
        }
        // What its connections leave behind when they end must not keep the port from the next one.
        var one = 1;
        if (isTcp && (setsockopt(socket.Number, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(int)) < 0 || listen(socket.Number, backlog) < 0))
            throw new OsException("listen at a reserved port", Libc.LastError);
    }

    private const int AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0x80000, SOCK_NONBLOCK = 0x800, AddressSize = 16,
    AddressSize6 = 28,
        IPPROTO_UDP = 17, IPPROTO_IPV6 = 41, IPV6_V6ONLY = 26, SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_BINDTODEVICE = 25;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int bind(int fd, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockname(int fd, byte* address, uint* length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setsockopt(int fd, int level, int option, int* value, uint length);
}
