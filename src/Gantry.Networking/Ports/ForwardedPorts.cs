using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Os;
using Gantry.Os.Sockets;

namespace Gantry.Networking.Ports;

/// <summary>The published ports whose connections, or some of them, a program has to pass on.</summary>
/// <param name="forwarder">The program; null: there is none.</param>
/// <param name="reserver">Has the ports' sockets.</param>
/// <param name="scope">Who may reach published ports.</param>
/// <param name="forwardsAll">Whether all are passed on, since the kernel has no rules that do it.</param>
internal sealed class ForwardedPorts(IPortForwarder? forwarder, PortReserver reserver, PublishScope scope, bool forwardsAll)
{
    /// <summary>Whether this host can take connections over IPv6 and pass them on to IPv4.</summary>
    internal bool CanForward(PortProtocol protocol) => forwarder is not null && protocol != PortProtocol.Sctp && File.Exists("/proc/thread-self/net/if_inet6");

    /// <summary>Begins, for an endpoint whose ports are reserved: all, or none when one fails.</summary>
    /// <exception cref="OsException">A socket cannot be opened.</exception>
    internal void Begin(Endpoint endpoint)
    {
        var open = new List<(PublishedPort Port, IPEndPoint Target, Fd Socket)>();
        foreach (var (port, target, byHostAlone) in Of(endpoint))
        {
            if (reserver.SocketOf(endpoint.Id, port) is not { } socket)
                continue;
            PortReservation.Open(socket, port.Protocol == PortProtocol.Tcp, byHostAlone);
            open.Add((port, target, socket));
        }
        foreach (var (port, target, socket) in open)
            forwarder!.Begin(Key(endpoint, port), socket, port.Protocol == PortProtocol.Tcp, new IPEndPoint(IPAddress.Parse(port.HostAddress), port.HostPort),
                target);
    }

    /// <summary>Ends it.</summary>
    internal Task EndAsync(Endpoint endpoint) => Task.WhenAll(Of(endpoint).Select(forwarded => forwarder!.EndAsync(Key(endpoint, forwarded.Port))));

    /// <summary>Ends what an earlier daemon had forwarded to endpoints that are no more.</summary>
    internal async Task EndOthersAsync(IEnumerable<Endpoint> endpoints)
    {
        if (forwarder is null)
            return;
        var wanted = endpoints.SelectMany(endpoint => Of(endpoint).Select(forward => Key(endpoint, forward.Port))).ToHashSet();
        await Task.WhenAll(forwarder.Keys.Where(key => !wanted.Contains(key)).Select(forwarder.EndAsync));
    }

    /// <summary>
    /// Where the container has IPv6, the kernel leads to it all but what comes from ::1, and a scope is kept by its rules; so the socket serves this host
    /// alone. Where it has not, all comes by the socket, and it is the socket that keeps the scope.
    /// </summary>
    private IEnumerable<(PublishedPort Port, IPEndPoint Target, bool ByHostAlone)> Of(Endpoint endpoint)
    {
        if (forwarder is null)
            yield break;
        var addresses = EndpointAddresses.Of(endpoint);
        foreach (var port in endpoint.Ports)
        {
            if (port.HostPort == 0 || port.Protocol == PortProtocol.Sctp || IPAddress.Parse(port.HostAddress) is not { } host)
                continue;
            if (forwardsAll && addresses[host.AddressFamily] is { } own)
                yield return (port, new IPEndPoint(own, port.ContainerPort), scope != PublishScope.World);
            else if (host.AddressFamily != AddressFamily.InterNetworkV6)
                continue;
            else if (addresses.Version6 is { } six && (host.Equals(IPAddress.IPv6Any) || host.Equals(IPAddress.IPv6Loopback)))
                yield return (port, new IPEndPoint(six, port.ContainerPort), true);
            else if (addresses is { Version6: null, Version4: { } four })
                yield return (port, new IPEndPoint(four, port.ContainerPort), scope != PublishScope.World);
        }
    }

    private static string Key(Endpoint endpoint, PublishedPort port) =>
        string.Create(CultureInfo.InvariantCulture, $"{endpoint.Id} [{port.HostAddress}]:{port.HostPort}/{port.Protocol}");
}
