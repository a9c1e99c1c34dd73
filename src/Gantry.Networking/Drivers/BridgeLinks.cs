using System.Globalization;
using System.Net;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
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
        if (link is not null && link.Alias != Mark(network))
            throw GantryException.Conflict($"there is an interface {made.Bridge} already, which is not of the network {network.Name}");
        var isNew = link is null;
        if (isNew)
            routes.CreateBridge(made.Bridge, HardwareAddress(made.Pool.Gateway), made.Options.Mtu, Mark(network));
        try
        {
            var bridge = (link ?? routes.FindLink(made.Bridge))!;
            routes.AddAddress(bridge.Index, made.Pool.Gateway, made.Pool.Subnet.PrefixLength);
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
        SetSwitch("/proc/sys/net/ipv4/ip_forward");
        SetSwitch($"/proc/sys/net/ipv4/conf/{made.Bridge}/route_localnet");
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
    /// <param name="address">Its address.</param>
    /// <param name="hardware">Its hardware address.</param>
    /// <param name="networkNamespace">Its namespace.</param>
    /// <exception cref="OsException">The kernel refused; nothing is left.</exception>
    internal static void Connect(BridgeNetwork made, string endpointId, IPAddress address, byte[] hardware, Fd networkNamespace)
    {
        using var routes = RouteSocket.Open();
        using var inside = RouteSocket.Open(networkNamespace);
        var bridge = routes.FindLink(made.Bridge) ?? throw new OsException($"find the bridge {made.Bridge}", Errno.ENODEV);
        var present = inside.ListLinks();
        var name = FreeName(present);
        var port = PortName(endpointId);
        routes.CreatePair(port, bridge.Index, made.Options.Mtu, new PeerLink(name, hardware, networkNamespace));
        try
        {
            // Where br_netfilter is loaded, a translated packet stays on the bridge, and leaves it where it came in.
            routes.ConfigurePort(routes.FindLink(port)!.Index, reflects: true, isolated: !made.Options.ContainersReachEachOther);
            if (present.FirstOrDefault(link => link is { Name: "lo", IsUp: false }) is { } loopback)
                inside.SetUp(loopback.Index);
            var peer = inside.FindLink(name)!;
            inside.AddAddress(peer.Index, address, made.Pool.Subnet.PrefixLength);
            inside.SetUp(peer.Index);
            // One way out is enough; the first network that has one gives it.
            if (!made.IsInternal && !inside.ListRoutes().Any(route => route.Destination.PrefixLength == 0))
                inside.AddDefaultRoute(peer.Index, made.Pool.Gateway);
            // The port first: with it the bridge itself comes up.
            LinkCarrier.Settle(port);
            LinkCarrier.Settle(made.Bridge);
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

    /// <summary>
    /// A hardware address that follows from the IPv4 address, with the bit of those that nobody assigned: who gets an address of another gets its
    /// hardware address as well, so that what neighbours remember of it stays true.
    /// </summary>
    internal static byte[] HardwareAddress(IPAddress address) => [0x02, 0x42, .. address.GetAddressBytes()];

    /// <summary>Reads a hardware address: six pairs of hexadecimal digits with colons or dashes between.</summary>
    /// <exception cref="GantryException">It is malformed, or that of a group.</exception>
    internal static byte[] ParseHardwareAddress(string text)
    {
        var parts = text.Split(':', '-');
        var bytes = new byte[6];
        var isValid = parts.Length == bytes.Length;
        for (var i = 0; isValid && i < bytes.Length; i++)
            isValid = parts[i].Length == 2 && byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]);
        return isValid && (bytes[0] & 1) == 0 ? bytes : throw GantryException.Invalid($"invalid MAC address: {text}");
    }

    private static string PortName(string endpointId) => $"veth{endpointId[..11]}";

    private string Mark(Network network) => $"{instance} {network.Id}";

    private static string FreeName(IReadOnlyList<NetworkLink> present)
    {
        for (var number = 0; ; number++)
        {
            if (present.All(link => link.Name != $"eth{number}"))
                return $"eth{number}";
        }
    }

    private static void SetSwitch(string path)
    {
        using var file = FileOpener.Open(path, OpenFlags.WriteOnly);
        FileData.Write(file, "1"u8);
    }
}
