using Gantry.Os.Namespaces;

namespace Gantry.Os.Netlink;

/// <summary>Links, addresses and routes of one network namespace, through rtnetlink(7).</summary>
public sealed partial class RouteSocket : IDisposable
{
    private readonly NetlinkSocket _socket;

    private RouteSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens it on the namespace of this process.</summary>
    /// <exception cref="OsException">No descriptors were left.</exception>
    public static RouteSocket Open() => new(NetlinkSocket.Open(NetlinkFamily.Route));

    /// <summary>Opens it on another namespace; it may be used from any thread.</summary>
    /// <exception cref="OsException">The namespace cannot be entered.</exception>
    public static RouteSocket Open(Fd networkNamespace) => NetworkNamespace.Run(networkNamespace, Open);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Ask(string what, NetlinkMessage message)
    {
        if (_socket.Request(message) is { Value: not 0 } error)
            throw new OsException(what, error);
    }

    private void Ask(string what, NetlinkMessage message, NetlinkReceiver receiver)
    {
        // A list during which something changed is taken as it is: the next step of whoever asked fails if it mattered.
        if (_socket.Query(message, receiver) is { Value: not 0 } error && error != Errno.EINTR)
            throw new OsException(what, error);
    }
}
