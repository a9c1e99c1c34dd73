using System.Runtime.InteropServices;

namespace Gantry.Os.Netlink;

/// <summary>Receives what the kernel tells unasked.</summary>
/// <param name="type">The message's type.</param>
/// <param name="portId">The number of the socket that caused it.</param>
/// <param name="payload">The family's header and the attributes.</param>
internal delegate void NotificationReceiver(ushort type, uint portId, ReadOnlySpan<byte> payload);

public sealed partial class NetlinkSocket
{
    /// <summary>Joins a group of listeners. Such a socket is for listening alone.</summary>
    /// <exception cref="OsException">EPERM, or there is no such group.</exception>
    internal unsafe void Join(uint group)
    {
        // The number is of this frame, and its size is given.
        if (setsockopt(_socket.Number, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, (int*)&group, sizeof(uint)) < 0)
            throw new OsException($"listen to netlink group {group}", Libc.LastError);
    }

    /// <summary>Reads what has come, without waiting.</summary>
    /// <returns>False: some was lost, as the socket's buffer was full.</returns>
    /// <exception cref="OsException">The socket does not work.</exception>
    internal bool ReadNotifications(NotificationReceiver receiver)
    {
        var whole = true;
        while (true)
        {
            var count = ReceiveNow(out var error);
            if (error == Errno.ENOBUFS)
                whole = false;
            else if (error == Errno.EAGAIN)
                return whole;
            else if (error.Value != 0 && error != Errno.EINTR)
                throw new OsException("receive a netlink notification", error);
            else
                Deliver(_received.AsSpan(0, count), receiver);
        }
    }

    private static void Deliver(ReadOnlySpan<byte> rest, NotificationReceiver receiver)
    {
        while (rest.Length >= NetlinkMessage.HeaderSize)
        {
            var length = (int)MemoryMarshal.Read<uint>(rest);
            if (length < NetlinkMessage.HeaderSize || length > rest.Length)
                return;
            receiver(MemoryMarshal.Read<ushort>(rest[4..]), MemoryMarshal.Read<uint>(rest[12..]), rest[NetlinkMessage.HeaderSize..length]);
            rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        }
    }

    private unsafe int ReceiveNow(out Errno error)
    {
        // The buffer is pinned over the call and its length is given.
        fixed (byte* pointer = _received)
        {
            var count = (int)recv(_socket.Number, pointer, _received.Length, MSG_DONTWAIT);
            error = count < 0 ? Libc.LastError : default;
            return Math.Max(count, 0);
        }
    }
}
