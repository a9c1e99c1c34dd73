using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;

namespace Gantry.Networking.Drivers;

/// <summary>What the driver knows of a network while that exists: its configuration as values, its addresses and its endpoints.</summary>
internal sealed class BridgeNetwork
{
    internal BridgeNetwork(Network network)
    {
        Options = BridgeOptions.Parse(network);
        Bridge = Options.Bridge(network);
        Addresses = new NetworkAddresses(network);
        IsInternal = network.Internal;
        HasLinks = network.IsPredefined && !Options.ContainersReachEachOther;
        Firewalled = new FirewalledNetwork(Bridge, IsInternal, !Options.ContainersReachEachOther, [.. Addresses.Pools.Select(ToSubnet)], Options.TrustedLinks);
    }

    internal BridgeOptions Options { get; }

    /// <summary>The interface.</summary>
    internal string Bridge { get; }

    internal NetworkAddresses Addresses { get; }

    internal bool IsInternal { get; }

    /// <summary>Whether links open ports between its containers, which do not reach each other otherwise.</summary>
    internal bool HasLinks { get; }

    /// <summary>These ports.</summary>
    internal IReadOnlySet<LinkedPort> Links { get; set; } = new HashSet<LinkedPort>();

    /// <summary>By their IDs.</summary>
    internal ConcurrentDictionary<string, Endpoint> Endpoints { get; } = new();

    internal FirewalledNetwork Firewalled { get; }

    internal IEnumerable<FirewalledPort> FirewalledPorts => Endpoints.Values.SelectMany(PortsOf);

    /// <summary>Whether the bridge has the gateway's address of a version of IP.</summary>
    internal bool HasAddress(AddressFamily family) =>
        Options.Mode(family) != GatewayMode.Isolated && !(family == AddressFamily.InterNetwork && Options.InhibitAddress);

    /// <summary>The way out of a version of IP; empty: there is none.</summary>
    internal string GatewayOf(SubnetPool? pool) => IsInternal || pool is null ? "" : pool.WayOut.ToString();

    /// <summary>An endpoint's ports as rules lead to them.</summary>
    internal IReadOnlyList<FirewalledPort> PortsOf(Endpoint endpoint)
    {
        var addresses = EndpointAddresses.Of(endpoint);
        return [.. endpoint.Ports.Select(port => (Port: port, IPAddress.Parse(port.HostAddress).AddressFamily))
            .Where(port => addresses[port.AddressFamily] is not null)
            .Select(port => new FirewalledPort(port.Port, addresses[port.AddressFamily]!, Options.Mode(port.AddressFamily) == GatewayMode.Routed))];
    }

    /// <summary>At which addresses of the host a port is to be published, which may be none.</summary>
    /// <param name="request">The port.</param>
    /// <param name="addresses">What the container has.</param>
    /// <param name="canForward">Whether connections over IPv6 can be passed on to IPv4.</param>
    /// <exception cref="Oci.GantryException">It names an address of a version of IP that the container has none of.</exception>
    internal HostPorts HostPortsOf(PortRequest request, EndpointAddresses addresses, bool canForward)
    {
        canForward &= Options.Mode4 is GatewayMode.Nat or GatewayMode.NatUnprotected && addresses is { Version4: not null, Version6: null };
        if (request.HostAddress.Length > 0)
        {
            var named = IPAddress.Parse(request.HostAddress);
            return addresses[named.AddressFamily] is not null || (canForward && named.AddressFamily == AddressFamily.InterNetworkV6)
                ? new HostPorts(request, [named], addresses)
                : throw Oci.GantryException.NotImplemented(
                    $"cannot publish a port on {request.HostAddress}: the container has no address of that version of IP, and nothing passes connections from one to the other");
        }
        var hosts = new List<IPAddress>();
        if (addresses.Version4 is not null)
            hosts.Add(Options.Binding4 ?? IPAddress.Any);
        if ((addresses.Version6 is not null || canForward)
            && (Options.Binding6 ?? (Options.Binding4 is null || Options.Binding4.Equals(IPAddress.Any) ? IPAddress.IPv6Any : null)) is { } six)
            hosts.Add(six);
        return new HostPorts(request, hosts, addresses);
    }

    private FirewalledSubnet ToSubnet(SubnetPool pool) => pool.Family == AddressFamily.InterNetwork
        ? new FirewalledSubnet(pool.Subnet, Options.Mode4, Options.Masquerade, Options.Source4)
        : new FirewalledSubnet(pool.Subnet, Options.Mode6, Options.Masquerade, Options.Source6);
}
