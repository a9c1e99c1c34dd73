using System.Runtime.InteropServices;

namespace Gantry.Os.Netlink;

/// <summary>Receives the messages of a dump.</summary>
/// <param name="type">The message's type.</param>
/// <param name="payload">The family's header and the attributes.</param>
public delegate void NetlinkReceiver(ushort type, ReadOnlySpan<byte> payload);

/// <summary>
/// A netlink socket (netlink(7)). It belongs to the network namespace in which its thread was when it was opened, and works on that one
/// from any thread. One request at a time.
/// </summary>
public sealed partial class NetlinkSocket : IDisposable
{
    private const ushort NLMSG_ERROR = 2, NLMSG_DONE = 3, NLM_F_DUMP_INTR = 0x10;
    private const int ReceiveSize = 64 << 10;

    private readonly Fd _socket;
    private readonly Lock _gate = new();
    private readonly byte[] _received = new byte[ReceiveSize];
    private uint _sequence;

    private NetlinkSocket(Fd socket, uint portId) => (_socket, PortId) = (socket, portId);

    /// <summary>The kernel's number of this socket, alone in its family and namespace.</summary>
    public uint PortId { get; }

    /// <summary>Readable when something was received: for those that listen.</summary>
    internal Fd Descriptor => _socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <param name="family">NETLINK_ROUTE, NETLINK_NETFILTER.</param>
    /// <exception cref="OsException">EPROTONOSUPPORT: the kernel lacks the family.</exception>
    public static unsafe NetlinkSocket Open(NetlinkFamily family)
    {
        var number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)family);
        if (number < 0)
            throw new OsException($"open a netlink socket ({family})", Libc.LastError);
        var opened = new Fd(number);
        // struct sockaddr_nl of this frame: family, padding, port, groups. Port 0 has the kernel choose one.
        var name = stackalloc uint[3] { AF_NETLINK, 0, 0 };
        uint length = 3 * sizeof(uint);
        if (bind(number, name, length) < 0 || getsockname(number, name, &length) < 0)
        {
            var error = Libc.LastError;
            opened.Dispose();
            throw new OsException($"bind a netlink socket ({family})", error);
        }
        return new NetlinkSocket(opened, name[1]);
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <returns>The kernel's error; 0 for success.</returns>
    /// <exception cref="OsException">The socket does not work.</exception>
    public Errno Request(NetlinkMessage message)
    {
        lock (_gate)
        {
            message.Flags |= NetlinkFlags.Acknowledge;
            Send(message.Finish(++_sequence));
            return Receive(_sequence, _sequence, null);
        }
    }

    /// <summary>Asks for objects; each is given to <paramref name="receiver"/>.</summary>
    /// <param name="message">The request: with NLM_F_DUMP for all, without for one.</param>
    /// <param name="receiver">Called for each message.</param>
    /// <returns>The kernel's error; 0 for success. EINTR: something changed meanwhile, so that objects may be missing or there twice.</returns>
    /// <exception cref="OsException">The socket does not work.</exception>
    public Errno Query(NetlinkMessage message, NetlinkReceiver receiver)
    {
        lock (_gate)
        {
            if (!message.Flags.HasFlag(NetlinkFlags.Dump))
                message.Flags |= NetlinkFlags.Acknowledge;
            Send(message.Finish(++_sequence));
            return Receive(_sequence, _sequence, receiver);
        }
    }

    /// <summary>Sends several messages at once, of which only the last but one is acknowledged: a batch of nfnetlink.</summary>
    /// <param name="messages">The messages with those that begin and end the batch.</param>
    /// <returns>The first error that the kernel told, and the index of the message it is of; 0 for success.</returns>
    /// <exception cref="OsException">The socket does not work.</exception>
    internal (Errno Error, int Index) Batch(IReadOnlyList<NetlinkMessage> messages)
    {
        lock (_gate)
        {
            var first = _sequence + 1;
            using var whole = new MemoryStream();
            messages[^2].Flags |= NetlinkFlags.Acknowledge;
            foreach (var message in messages)
                whole.Write(message.Finish(++_sequence));
            ReserveSendBuffer((int)whole.Length);
            Send(whole.GetBuffer().AsSpan(0, (int)whole.Length));
            var error = Receive(first, _sequence - 1, null);
            return (error, error.Value == 0 ? 0 : (int)(_failed - first));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private uint _failed;

    private unsafe void Send(ReadOnlySpan<byte> bytes)
    {
        // The bytes are pinned over the call; an unconnected netlink socket sends to the kernel.
        fixed (byte* pointer = bytes)
        {
            while (send(_socket.Number, pointer, bytes.Length, 0) < 0)
            {
                if (Libc.LastError != Errno.EINTR)
                    throw new OsException("send a netlink request", Libc.LastError);
            }
        }
    }

    /// <summary>Reads until the message <paramref name="last"/> is answered, or any from <paramref name="first"/> on has failed.</summary>
    private Errno Receive(uint first, uint last, NetlinkReceiver? receiver)
    {
        var interrupted = false;
        while (true)
        {
            var rest = Next();
            while (rest.Length >= NetlinkMessage.HeaderSize)
            {
                var length = (int)MemoryMarshal.Read<uint>(rest);
                if (length < NetlinkMessage.HeaderSize || length > rest.Length)
                    throw new OsException("read a netlink answer", Errno.EIO);
                var type = MemoryMarshal.Read<ushort>(rest[4..]);
                var flags = MemoryMarshal.Read<ushort>(rest[6..]);
                var sequence = MemoryMarshal.Read<uint>(rest[8..]);
                var payload = rest[NetlinkMessage.HeaderSize..length];
                rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
                if (sequence < first || sequence > last)
                    continue; // Of an earlier request, of which only the first error was read.
                interrupted |= (flags & NLM_F_DUMP_INTR) != 0;
                if (type == NLMSG_DONE)
                    return interrupted ? Errno.EINTR : default;
                if (type != NLMSG_ERROR)
                {
                    receiver?.Invoke(type, payload);
                    continue;
                }
                _failed = sequence;
                var error = payload.Length >= 4 ? -MemoryMarshal.Read<int>(payload) : Errno.EIO.Value;
                if (error != 0 || sequence == last)
                    return new Errno(error);
            }
        }
    }

    private unsafe ReadOnlySpan<byte> Next()
    {
        // The buffer is pinned over the call and its length is given.
        fixed (byte* pointer = _received)
        {
            while (true)
            {
                var count = recv(_socket.Number, pointer, _received.Length, 0);
                if (count >= 0)
                    return _received.AsSpan(0, (int)count);
                if (Libc.LastError != Errno.EINTR)
                    throw new OsException("receive a netlink answer", Libc.LastError);
            }
        }
    }

    /// <summary>A batch is one datagram: it has to fit into the socket's buffer, whose usual size holds about 500 rules.</summary>
    private unsafe void ReserveSendBuffer(int size)
    {
        const int usual = 64 << 10;
        if (size < usual)
            return;
        var wanted = size * 2;
        if (setsockopt(_socket.Number, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof(int)) < 0)
            throw new OsException("enlarge the buffer of a netlink socket", Libc.LastError);
    }

    private const int AF_NETLINK = 16, SOCK_RAW = 3, SOCK_CLOEXEC = 0x80000, SOL_SOCKET = 1, SO_SNDBUFFORCE = 32, SOL_NETLINK = 270,
        NETLINK_ADD_MEMBERSHIP = 1, MSG_DONTWAIT = 0x40;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint send(int fd, byte* buffer, nint length, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint recv(int fd, byte* buffer, nint length, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setsockopt(int fd, int level, int option, int* value, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int bind(int fd, uint* address, uint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getsockname(int fd, uint* address, uint* length);
}
