using System.Net;
using System.Net.Sockets;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>The interfaces of bridge networks in the kernel, in the network namespace of the calling thread.</summary>
/// <param name="instance">The engine's name, with which its bridges are marked.</param>
internal sealed class BridgeLinks(string instance)
{
    /// <summary>Makes what is missing of a network's bridge.</summary>
    /// <exception cref="GantryException">Another has an interface of its name (Conflict).</exception>
    internal void Ensure(Network network, BridgeNetwork made)
    {
        using var routes = RouteSocket.Open();
        var link = routes.FindLink(made.Bridge);
        if (link is not null && link.Alias != Mark(network) && IsOurs(link))
        {
            // Of this engine, when it had other folders' content: it was killed, and they were emptied.
            routes.DeleteLink(made.Bridge);
            link = null;
        }
        if (link is not null && link.Alias != Mark(network))
            throw GantryException.Conflict($"there is an interface {made.Bridge} already, which is not of the network {network.Name}");
        var isNew = link is null;
        if (isNew)
            routes.CreateBridge(made.Bridge, HardwareAddress.Of(made.Addresses.Pools.First().Gateway), made.Options.Mtu, Mark(network));
        try
        {
            var bridge = (link ?? routes.FindLink(made.Bridge))!;
            SetVersion6(made);
            foreach (var pool in made.Addresses.Pools.Where(pool => made.HasAddress(pool.Family)))
                routes.AddAddress(bridge.Index, pool.Gateway, pool.Subnet.PrefixLength);
            routes.SetUp(bridge.Index);
        }
        catch when (isNew)
        {
            routes.DeleteLink(made.Bridge);
            throw;
        }
    }

    /// <summary>Lets packets pass through the host, and the host's own connections to 127.0.0.1 reach the bridge.</summary>
    /// <remarks>The firewall's table must be there: it drops what others would send to 127.0.0.1.</remarks>
    /// <exception cref="OsException">The settings cannot be written.</exception>
    internal static void AllowForwarding(BridgeNetwork made)
    {
        if (made.IsInternal)
            return;
        if (made.Addresses.Version4 is not null)
        {
            KernelSetting.Write("/proc/sys/net/ipv4/ip_forward", "1");
            KernelSetting.Write($"/proc/sys/net/ipv4/conf/{made.Bridge}/route_localnet", "1");
        }
        if (made.HasLinks)
            LeadByTheHost(made.Bridge);
        if (made.Addresses.Version6 is not null)
            AllowForwarding6();
    }

    /// <summary>
    /// Isolated ports of a bridge do not hear each other's questions for hardware addresses: the host answers them with its own, at once (ip-sysctl:
    /// proxy_arp_pvlan, proxy_delay), so that what one container sends another passes the firewall of the host, which knows who is linked.
    /// </summary>
    private static void LeadByTheHost(string bridge)
    {
        KernelSetting.Write($"/proc/sys/net/ipv4/conf/{bridge}/proxy_arp_pvlan", "1");
        KernelSetting.Write($"/proc/sys/net/ipv4/neigh/{bridge}/proxy_delay", "0");
        KernelSetting.Write($"/proc/sys/net/ipv4/conf/{bridge}/send_redirects", "0");
    }

    /// <summary>Removes a network's bridge, unless it is somebody else's by now.</summary>
    internal void Remove(Network network, string bridge)
    {
        using var routes = RouteSocket.Open();
        if (routes.FindLink(bridge) is { } link && link.Alias == Mark(network))
            routes.DeleteLink(bridge);
    }

    /// <summary>Connects a container.</summary>
    /// <param name="made">The network.</param>
    /// <param name="endpointId">Its endpoint, for which the host's end is named.</param>
    /// <param name="link">The interface inside.</param>
    /// <param name="hardware">Its hardware address.</param>
    /// <param name="networkNamespace">Its namespace.</param>
    /// <returns>The name of the interface inside.</returns>
    /// <exception cref="OsException">The kernel refused; nothing is left.</exception>
    internal static string Connect(BridgeNetwork made, string endpointId, ContainerLink link, byte[] hardware, Fd networkNamespace)
    {
        using var routes = RouteSocket.Open();
        var bridge = routes.FindLink(made.Bridge) ?? throw new OsException($"find the bridge {made.Bridge}", Errno.ENODEV);
        var port = PortName(endpointId);
        try
        {
            var name = link.Make(networkNamespace, inside =>
            {
                routes.CreatePair(port, bridge.Index, made.Options.Mtu, new PeerLink(inside, hardware, networkNamespace));
                // Where br_netfilter is loaded, a translated packet stays on the bridge, and leaves it where it came in.
                routes.ConfigurePort(routes.FindLink(port)!.Index, reflects: true, isolated: !made.Options.ContainersReachEachOther);
            });
            // The port first: with it the bridge itself comes up.
            LinkCarrier.Settle(port);
            LinkCarrier.Settle(made.Bridge);
            return name;
        }
        catch
        {
            routes.DeleteLink(port);
            throw;
        }
    }

    /// <summary>Disconnects a container; nothing happens when its namespace took the interface along.</summary>
    internal static void Disconnect(string endpointId)
    {
        using var routes = RouteSocket.Open();
        routes.DeleteLink(PortName(endpointId));
    }

    /// <summary>Removes what containers left on a network's bridge that are none of the endpoints any more.</summary>
    internal static void RemoveLeftovers(BridgeNetwork made)
    {
        using var routes = RouteSocket.Open();
        if (routes.FindLink(made.Bridge) is not { } bridge)
            return;
        var known = made.Endpoints.Keys.Select(PortName).ToHashSet();
        foreach (var port in routes.ListLinks().Where(link => link.Master == bridge.Index && link.Kind == "veth" && !known.Contains(link.Name)))
            routes.DeleteLink(port.Name);
    }

    /// <summary>Where the host's routes and addresses lead: subnets that are not free.</summary>
    internal static IReadOnlyList<IPNetwork> UsedByHost()
    {
        using var routes = RouteSocket.Open();
        return [.. routes.ListRoutes().Select(static route => route.Destination)];
    }

    private static string PortName(string endpointId) => $"veth{endpointId[..11]}";

    private bool IsOurs(NetworkLink link) => link.Alias.StartsWith(instance + " ", StringComparison.Ordinal);

    private string Mark(Network network) => $"{instance} {network.Id}";

    /// <summary>Without addresses of IPv6 the bridge has none of its own either; with them it listens to no router, since it is one.</summary>
    private static void SetVersion6(BridgeNetwork made)
    {
        var settings = $"/proc/sys/net/ipv6/conf/{made.Bridge}/";
        if (made.Addresses.Version6 is null || !made.HasAddress(AddressFamily.InterNetworkV6))
        {
            KernelSetting.WriteIfThere(settings + "disable_ipv6", "1");
            return;
        }
        KernelSetting.Write(settings + "disable_ipv6", "0");
        KernelSetting.Write(settings + "accept_ra", "0");
        // Neighbours are asked for by the bridge's own address, which would be tentative for its first second.
        KernelSetting.Write(settings + "accept_dad", "0");
    }

    /// <summary>
    /// A machine that forwards does not listen to routers, and would lose the routes it has of them: those of its interfaces that did are told to
    /// go on (ip-sysctl: accept_ra 2).
    /// </summary>
    private static void AllowForwarding6()
    {
        const string all = "/proc/sys/net/ipv6/conf/all/forwarding";
        if (KernelSetting.Read(all) == "1")
            return;
        foreach (var link in Directory.EnumerateDirectories("/proc/sys/net/ipv6/conf").Where(static path => Path.GetFileName(path) is not ("all" or "lo")))
        {
            if (KernelSetting.Read(Path.Combine(link, "accept_ra")) == "1")
                KernelSetting.WriteIfThere(Path.Combine(link, "accept_ra"), "2");
        }
        KernelSetting.Write(all, "1");
    }
}
