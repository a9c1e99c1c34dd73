using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Sockets;

/// <summary>Who is at the other end of a unix socket (SO_PEERCRED of unix(7)), as it was when it connected.</summary>
/// <param name="Pid">Its process ID.</param>
/// <param name="UserId">Its effective user.</param>
/// <param name="GroupId">Its effective group.</param>
public readonly record struct PeerCredentials(int Pid, uint UserId, uint GroupId);

/// <summary>Stream sockets of the unix family (unix(7)).</summary>
public static partial class UnixSocket
{
    /// <summary>The user this process acts as (geteuid(2)): what its peers see in <see cref="PeerCredentials.UserId"/>.</summary>
    public static uint EffectiveUser => geteuid();

    /// <summary>Makes two connected sockets; both block.</summary>
    /// <exception cref="OsException">No descriptors were left.</exception>
    public static unsafe (Fd First, Fd Second) CreatePair()
    {
        var pair = stackalloc int[2];
        return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0
            ? (new Fd(pair[0]), new Fd(pair[1]))
            : throw new OsException("create a pair of sockets", Libc.LastError);
    }

    /// <summary>Makes a socket that listens on <paramref name="path"/>, for the owner alone (mode 0600), non-blocking.</summary>
    /// <param name="path">Its path; nothing may be there. Of any length: it is reached through its folder.</param>
    /// <exception cref="OsException">EADDRINUSE: something is at the path.</exception>
    public static unsafe Fd Listen(string path)
    {
        using var folder = OpenFolder(path);
        var listener = Create(SOCK_NONBLOCK);
        try
        {
            Span<byte> address = stackalloc byte[AddressSize];
            var length = WriteAddress(address, folder, path);
            // Before bind(2), fchmod(2) sets the mode the new name gets (less the umask): there is no moment in which others may connect.
            if (fchmod(listener.Number, 0x180) < 0)
                throw new OsException($"restrict {path}", Libc.LastError);
            fixed (byte* pointer = address)
            {
                if (bind(listener.Number, pointer, length) < 0 || listen(listener.Number, 128) < 0)
                    throw new OsException($"listen on {path}", Libc.LastError);
            }
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Connects to <paramref name="path"/>; the socket blocks.</summary>
    /// <param name="path">Where somebody may listen.</param>
    /// <param name="error">Why not: ENOENT, ECONNREFUSED when nobody listens any more, EAGAIN when too many wait.</param>
    /// <returns>The connected socket; null after an error.</returns>
    public static unsafe Fd? TryConnect(string path, out Errno error)
    {
        using var folder = OpenFolder(path);
        var socket = Create(0);
        Span<byte> address = stackalloc byte[AddressSize];
        var length = WriteAddress(address, folder, path);
        fixed (byte* pointer = address)
        {
            if (connect(socket.Number, pointer, length) == 0)
            {
                error = default;
                return socket;
            }
        }
        error = Libc.LastError;
        socket.Dispose();
        return null;
    }

    /// <summary>
    /// Makes a socket that listens on a name without a file (abstract, of unix(7)), non-blocking: it ends with the descriptor. Everybody in the same network
    /// namespace may connect.
    /// </summary>
    /// <exception cref="OsException">EADDRINUSE: somebody has the name.</exception>
    public static unsafe Fd ListenAbstract(string name)
    {
        var listener = Create(SOCK_NONBLOCK);
        Span<byte> address = stackalloc byte[AddressSize];
        var length = WriteAbstractAddress(address, name);
        fixed (byte* pointer = address)
        {
            if (bind(listener.Number, pointer, length) == 0 && listen(listener.Number, 1) == 0)
                return listener;
        }
        var error = Libc.LastError;
        listener.Dispose();
        throw new OsException($"listen on @{name}", error);
    }

    /// <summary>Connects to a name without a file; the socket is non-blocking.</summary>
    /// <returns>The connected socket; null when nobody takes the connection at once.</returns>
    public static unsafe Fd? TryConnectAbstract(string name)
    {
        var socket = Create(SOCK_NONBLOCK);
        Span<byte> address = stackalloc byte[AddressSize];
        var length = WriteAbstractAddress(address, name);
        fixed (byte* pointer = address)
        {
            if (connect(socket.Number, pointer, length) == 0)
                return socket;
        }
        socket.Dispose();
        return null;
    }

    /// <summary>Takes the next waiting connection of a listener (accept4(2)), non-blocking.</summary>
    /// <returns>The connection; null when none waits (EAGAIN), it is gone again, or no descriptor is left.</returns>
    public static Fd? TryAccept(Fd listener, out Errno error)
    {
        var number = accept4(listener.Number, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
        error = number < 0 ? Libc.LastError : default;
        return number < 0 ? null : new Fd(number);
    }

    /// <summary>Who is at the other end.</summary>
    /// <exception cref="OsException">It is no connected unix socket.</exception>
    public static unsafe PeerCredentials Peer(Fd socket)
    {
        var credentials = stackalloc uint[3];
        uint length = 12;
        return getsockopt(socket.Number, SOL_SOCKET, SO_PEERCRED, (byte*)credentials, &length) == 0
            ? new PeerCredentials((int)credentials[0], credentials[1], credentials[2])
            : throw new OsException("read the credentials of a peer", Libc.LastError);
    }

    /// <summary>Says that nothing more will be written (shutdown(2), SHUT_WR): the peer reads the end of the stream.</summary>
    /// <returns>The error; ENOTCONN when the peer is gone.</returns>
    public static Errno ShutdownWriting(Fd socket) => shutdown(socket.Number, 1) < 0 ? Libc.LastError : default;

    /// <summary>Ends both directions (shutdown(2), SHUT_RDWR): a read that another thread is blocked in returns the end of the stream.</summary>
    /// <returns>The error; ENOTCONN when the peer is gone.</returns>
    public static Errno Shutdown(Fd socket) => shutdown(socket.Number, 2) < 0 ? Libc.LastError : default;

    // sun_path has 108 bytes; the path through /proc is far shorter than that for any name a folder can hold but the longest.
    private const int AddressSize = 110;

    private static Fd Create(int flags)
    {
        var number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
        return number >= 0 ? new Fd(number) : throw new OsException("create a socket", Libc.LastError);
    }

    private static unsafe Fd OpenFolder(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var bytes = Encoding.UTF8.GetBytes(folder + '\0');
        // A zero-terminated array, pinned over the call.
        fixed (byte* pointer = bytes)
        {
            var number = open(pointer, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
            return number >= 0 ? new Fd(number) : throw new OsException($"open {folder}", Libc.LastError);
        }
    }

    private static uint WriteAddress(Span<byte> address, Fd folder, string path)
    {
        address.Clear();
        MemoryMarshal.Write(address, (ushort)AF_UNIX);
        var through = $"{folder.ProcPath}/{Path.GetFileName(path)}";
        var length = Encoding.UTF8.GetByteCount(through);
        if (length >= AddressSize - 2)
            throw new OsException($"reach the socket {path}", Errno.ENAMETOOLONG);
        Encoding.UTF8.GetBytes(through, address[2..]);
        return (uint)(2 + length + 1);
    }

    private static uint WriteAbstractAddress(Span<byte> address, string name)
    {
        address.Clear();
        MemoryMarshal.Write(address, (ushort)AF_UNIX);
        // The name begins with a zero byte, and its length is that of the address.
        return 3 + (uint)Encoding.ASCII.GetBytes(name, address[3..]);
    }

    private const int AF_UNIX = 1, SOCK_STREAM = 1, SOCK_CLOEXEC = 0x80000, SOCK_NONBLOCK = 0x800;
    private const int SOL_SOCKET = 1, SO_PEERCRED = 17;
    private static int O_PATH => 0x200000;
    private static int O_DIRECTORY => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    private const int O_CLOEXEC = 0x80000;

    [LibraryImport(Libc.Name)]
    private static partial uint geteuid();

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int bind(int fd, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int connect(int fd, byte* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int accept4(int fd, nint address, nint length, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockopt(int fd, int level, int option, byte* value, uint* length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int shutdown(int fd, int how);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fchmod(int fd, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int open(byte* path, int flags, uint mode);
}
