using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Netlink;

/// <summary>Whether something is at the other end of an interface's wire (ETHTOOL_GLINK).</summary>
public static partial class LinkCarrier
{
    /// <summary>
    /// Asks, and with that has the kernel do at once what it would do some milliseconds later when the other end has come up: let the interface
    /// send, and a bridge forward to it. A first packet that comes earlier is lost, and costs its sender a second.
    /// </summary>
    /// <param name="name">An interface of the calling thread's network namespace.</param>
    /// <exception cref="OsException">ENODEV: there is none of that name.</exception>
    public static unsafe bool Settle(string name)
    {
        var number = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (number < 0)
            throw new OsException("open a socket", Libc.LastError);
        using var control = new Fd(number);
        // struct ifreq: the name and a pointer to struct ethtool_value, both of this frame and larger than what the kernel touches.
        var value = stackalloc uint[2] { ETHTOOL_GLINK, 0 };
        var request = stackalloc byte[RequestSize];
        new Span<byte>(request, RequestSize).Clear();
        Encoding.UTF8.GetBytes(name, new Span<byte>(request, NameSize - 1));
        *(uint**)(request + NameSize) = value;
        return ioctl(number, SIOCETHTOOL, request) < 0
            ? throw new OsException($"ask for the carrier of the interface {name}", Libc.LastError)
            : value[1] != 0;
    }

    private const int AF_INET = 2, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0x80000, NameSize = 16, RequestSize = 40;
    private const uint ETHTOOL_GLINK = 0xa;
    private const nuint SIOCETHTOOL = 0x8946;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int ioctl(int fd, nuint request, byte* argument);
}
