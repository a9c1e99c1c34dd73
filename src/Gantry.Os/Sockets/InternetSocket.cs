using System.Net;
using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary>
/// Sockets of UDP and TCP (ip(7), ipv6(7)), all non-blocking, in the network namespace of the calling thread; once made they work from any thread.
/// IPv6 sockets take IPv6 alone.
/// </summary>
public static partial class InternetSocket
{
    /// <summary>Opens a socket of UDP that is bound.</summary>
    /// <param name="local">Where; port 0: one that is free, chosen at random.</param>
    /// <param name="mayBeMissing">Whether the address need not be there yet (IP_FREEBIND), as 127.0.0.11 while the loopback interface is down.</param>
    /// <exception cref="OsException">EADDRINUSE, EADDRNOTAVAIL.</exception>
    public static Fd OpenDatagram(IPEndPoint local, bool mayBeMissing = false) => Bind(local, SOCK_DGRAM, mayBeMissing);

    /// <summary>Opens a socket of UDP that sends to one address, and takes datagrams from there alone; its own port is chosen at random.</summary>
    /// <param name="remote">Where to send.</param>
    /// <param name="error">Why not, e.g. ENETUNREACH, EMFILE.</param>
    /// <returns>The socket; null after an error.</returns>
    public static Fd? TryConnectDatagram(IPEndPoint remote, out Errno error) => TryConnect(remote, SOCK_DGRAM, out error);

    /// <summary>Begins to connect by TCP; the socket becomes writable when that has succeeded or failed (<see cref="TakeError"/>).</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="error">Why not, e.g. ENETUNREACH, EMFILE.</param>
    /// <returns>The socket; null after an error.</returns>
    public static Fd? TryConnectStream(IPEndPoint remote, out Errno error) => TryConnect(remote, SOCK_STREAM, out error);

    /// <summary>Listens for connections of TCP; <see cref="UnixSocket.TryAccept"/> takes them.</summary>
    /// <param name="local">Where; port 0: one that is free.</param>
    /// <param name="backlog">How many connections may wait.</param>
    /// <param name="mayBeMissing">Whether the address need not be there yet.</param>
    /// <exception cref="OsException">EADDRINUSE, EADDRNOTAVAIL.</exception>
    public static Fd Listen(IPEndPoint local, int backlog, bool mayBeMissing = false)
    {
        var listener = Bind(local, SOCK_STREAM, mayBeMissing);
        if (listen(listener.Number, backlog) == 0)
            return listener;
        listener.Dispose();
        throw new OsException($"listen on {local}", Libc.LastError);
    }

    /// <summary>The port a socket is bound to.</summary>
    /// <exception cref="OsException">It is no socket.</exception>
    public static unsafe ushort LocalPort(Fd socket)
    {
        var address = default(InternetAddress);
        uint length = InternetAddress.Size;
        // The kernel writes no more than the size of the structure, which is this frame's own.
        return getsockname(socket.Number, (byte*)&address, &length) == 0
            ? address.Port
            : throw new OsException("read the address of a socket", Libc.LastError);
    }

    /// <summary>The error of a connection that was begun, or of a datagram that was refused (SO_ERROR); 0: none.</summary>
    public static unsafe Errno TakeError(Fd socket)
    {
        int error;
        uint length = sizeof(int);
        // Four bytes of a local are written during the call.
        return getsockopt(socket.Number, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? new Errno(error) : Libc.LastError;
    }

    /// <summary>Has small pieces sent at once (TCP_NODELAY). What fails is a socket that broke: that shows at its next use.</summary>
    public static unsafe void SendAtOnce(Fd socket)
    {
        var one = 1;
        // Four bytes of a local are read during the call.
        _ = setsockopt(socket.Number, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(int));
    }

    /// <summary>Sends a datagram without waiting.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">The datagram.</param>
    /// <param name="receiver">Where to.</param>
    /// <returns>The error; EAGAIN: there is no room.</returns>
    public static unsafe Errno SendTo(Fd socket, ReadOnlySpan<byte> bytes, in InternetAddress receiver)
    {
        // The bytes and the address are pinned over the call, their lengths are given.
        fixed (byte* pointer = bytes)
        fixed (InternetAddress* address = &receiver)
        {
            while (sendto(socket.Number, pointer, bytes.Length, MSG_DONTWAIT | MSG_NOSIGNAL, (byte*)address, address->Length) < 0)
            {
                if (Libc.LastError != Errno.EINTR)
                    return Libc.LastError;
            }
        }
        return default;
    }

    /// <summary>Receives a datagram without waiting.</summary>
    /// <returns>How many bytes it has, as far as the buffer takes them, or the error (EAGAIN: there is none).</returns>
    public static unsafe (int Count, Errno Error) ReceiveFrom(Fd socket, Span<byte> buffer, out InternetAddress sender)
    {
        sender = default;
        uint length = InternetAddress.Size;
        // As in SendTo; the kernel writes no more of the address than it is told.
        fixed (byte* pointer = buffer)
        fixed (InternetAddress* address = &sender)
        {
            while (true)
            {
                var count = recvfrom(socket.Number, pointer, buffer.Length, MSG_DONTWAIT, (byte*)address, &length);
                if (count >= 0)
                    return ((int)count, default);
                if (Libc.LastError != Errno.EINTR)
                    return (0, Libc.LastError);
            }
        }
    }

    /// <summary>Sends on a connected socket without waiting, and without a signal when the peer is gone.</summary>
    /// <returns>How many bytes were taken, or the error (EAGAIN: there is no room).</returns>
    public static unsafe (int Count, Errno Error) Send(Fd socket, ReadOnlySpan<byte> bytes)
    {
        // As in SendTo, without an address.
        fixed (byte* pointer = bytes)
        {
            while (true)
            {
                var count = sendto(socket.Number, pointer, bytes.Length, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0);
                if (count >= 0)
                    return ((int)count, default);
                if (Libc.LastError != Errno.EINTR)
                    return (0, Libc.LastError);
            }
        }
    }

    private static unsafe Fd Bind(IPEndPoint local, int type, bool mayBeMissing)
    {
        var socket = Create(local, type);
        var address = new InternetAddress(local);
        var one = 1;
        // Locals are read during the calls, their sizes are given.
        if (mayBeMissing && setsockopt(socket.Number, IPPROTO_IP, IP_FREEBIND, &one, sizeof(int)) < 0
            || address.IsIPv6 && setsockopt(socket.Number, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(int)) < 0
            || type == SOCK_STREAM && setsockopt(socket.Number, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(int)) < 0
            || bind(socket.Number, (byte*)&address, address.Length) < 0)
        {
            var error = Libc.LastError;
            socket.Dispose();
            throw new OsException($"bind a socket to {local}", error);
        }
        return socket;
    }

    private static unsafe Fd? TryConnect(IPEndPoint remote, int type, out Errno error)
    {
        var number = socket(remote.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? AF_INET6 : AF_INET,
            type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (number < 0)
        {
            error = Libc.LastError;
            return null;
        }
        var address = new InternetAddress(remote);
        var connecting = new Fd(number);
        // A local is read during the call.
        error = connect(number, (byte*)&address, address.Length) == 0 || Libc.LastError == Errno.EINPROGRESS ? default : Libc.LastError;
        if (error.Value == 0)
            return connecting;
        connecting.Dispose();
        return null;
    }

    private static Fd Create(IPEndPoint local, int type)
    {
        var number = socket(local.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? AF_INET6 : AF_INET,
            type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return number >= 0 ? new Fd(number) : throw new OsException("create a socket", Libc.LastError);
    }

    internal const int AF_INET = 2, AF_INET6 = 10;
    private const int SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0x80000, SOCK_NONBLOCK = 0x800;
    private const int SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_ERROR = 4, IPPROTO_IP = 0, IP_FREEBIND = 15, IPPROTO_IPV6 = 41, IPV6_V6ONLY = 26, IPPROTO_TCP = 6,
        TCP_NODELAY = 1;
    private const int MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int bind(int fd, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int connect(int fd, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockname(int fd, byte* address, uint* length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockopt(int fd, int level, int option, int* value, uint* length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setsockopt(int fd, int level, int option, int* value, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint sendto(int fd, byte* bytes, nint count, int flags, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint recvfrom(int fd, byte* bytes, nint count, int flags, byte* address, uint* length);
}
