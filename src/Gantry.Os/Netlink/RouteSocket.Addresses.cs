using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gantry.Os.Netlink;

/// <summary>An address of an interface.</summary>
/// <param name="Link">The interface's index.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">How many of its bits name the network.</param>
public sealed record LinkAddress(int Link, IPAddress Address, int PrefixLength);

/// <summary>A route of the main table.</summary>
/// <param name="Destination">The network it leads to; of no bits: everything else.</param>
/// <param name="Link">The index of the interface it leads out of; 0: none is named.</param>
/// <param name="Gateway">The next machine, or null when the network is at the interface itself.</param>
public sealed record NetworkRoute(IPNetwork Destination, int Link, IPAddress? Gateway);

public sealed partial class RouteSocket
{
    private const ushort RTM_NEWADDR = 20, RTM_GETADDR = 22, RTM_NEWROUTE = 24, RTM_GETROUTE = 26;
    private const ushort IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_BROADCAST = 4, RTA_DST = 1, RTA_OIF = 4, RTA_GATEWAY = 5, RTA_TABLE = 15;
    private const byte AF_INET = 2, AF_INET6 = 10, RT_TABLE_MAIN = 254, RTPROT_STATIC = 4, RTN_UNICAST = 1, RT_SCOPE_LINK = 253, IFA_F_NODAD = 2;

    /// <summary>Gives an interface an address; nothing happens if it has it.</summary>
    /// <exception cref="OsException">The kernel refused, e.g. IPv6 is switched off (EACCES).</exception>
    public void AddAddress(int link, IPAddress address, int prefixLength)
    {
        var isVersion4 = address.AddressFamily == AddressFamily.InterNetwork;
        var header = new byte[8];
        (header[0], header[1]) = (Family(address), (byte)prefixLength);
        header[2] = isVersion4 ? (byte)0 : IFA_F_NODAD;
        MemoryMarshal.Write(header.AsSpan(4), link);
        var bytes = address.GetAddressBytes();
        var message = new NetlinkMessage(RTM_NEWADDR, NetlinkFlags.Create | NetlinkFlags.Replace).Raw(header).Bytes(IFA_LOCAL, bytes).Bytes(IFA_ADDRESS, bytes);
        if (isVersion4 && prefixLength < 31)
            message.Bytes(IFA_BROADCAST, Broadcast(bytes, prefixLength));
        Ask($"give interface {link} the address {address}/{prefixLength}", message);
    }

    /// <summary>Adds the route for everything that no other route leads to.</summary>
    /// <exception cref="OsException">ENETUNREACH: the gateway is not on a network of the interface. EEXIST: there is one.</exception>
    public void AddDefaultRoute(int link, IPAddress gateway) => DefaultRoute(link, gateway, NetlinkFlags.Create | NetlinkFlags.Exclusive);

    /// <summary>Has what no other route leads to go this way, and not the way it went before.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="gateway">The next machine; 0.0.0.0 or ::, of no machine: whoever has the address is at the interface itself.</param>
    /// <exception cref="OsException">ENETUNREACH: the gateway is not on a network of the interface.</exception>
    public void SetDefaultRoute(int link, IPAddress gateway) => DefaultRoute(link, gateway, NetlinkFlags.Create | NetlinkFlags.Replace);

    private void DefaultRoute(int link, IPAddress gateway, NetlinkFlags flags)
    {
        var isDirect = gateway.Equals(IPAddress.Any) || gateway.Equals(IPAddress.IPv6Any);
        byte[] header = [Family(gateway), 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, isDirect ? RT_SCOPE_LINK : (byte)0, RTN_UNICAST, 0, 0, 0, 0];
        var message = new NetlinkMessage(RTM_NEWROUTE, flags).Raw(header).Number(RTA_OIF, (uint)link);
        Ask($"set the default route by {gateway}", isDirect ? message : message.Bytes(RTA_GATEWAY, gateway.GetAddressBytes()));
    }

    /// <summary>All addresses of the namespace.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public IReadOnlyList<LinkAddress> ListAddresses()
    {
        var addresses = new List<LinkAddress>();
        Ask("list the addresses", new NetlinkMessage(RTM_GETADDR, NetlinkFlags.Dump).Raw(new byte[8]), (_, payload) =>
        {
            var (link, prefix) = (MemoryMarshal.Read<int>(payload[4..]), payload[1]);
            IPAddress? local = null, address = null;
            var attributes = new NetlinkAttributes(payload[8..]);
            while (attributes.Read())
            {
                if (attributes.Type == IFA_LOCAL)
                    local = new IPAddress(attributes.Value);
                else if (attributes.Type == IFA_ADDRESS)
                    address = new IPAddress(attributes.Value);
            }
            if ((local ?? address) is { } known)
                addresses.Add(new LinkAddress(link, known, prefix));
        });
        return addresses;
    }

    /// <summary>The routes of the main table to other machines.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public IReadOnlyList<NetworkRoute> ListRoutes()
    {
        var routes = new List<NetworkRoute>();
        Ask("list the routes", new NetlinkMessage(RTM_GETROUTE, NetlinkFlags.Dump).Raw(new byte[12]), (_, payload) =>
        {
            if (ReadRoute(payload) is { } route)
                routes.Add(route);
        });
        return routes;
    }

    private static NetworkRoute? ReadRoute(ReadOnlySpan<byte> payload)
    {
        var (family, prefix, table, type) = (payload[0], payload[1], (uint)payload[4], payload[7]);
        if (family is not (AF_INET or AF_INET6) || type != RTN_UNICAST)
            return null;
        var destination = family == AF_INET ? IPAddress.Any : IPAddress.IPv6Any;
        IPAddress? gateway = null;
        var link = 0;
        var attributes = new NetlinkAttributes(payload[12..]);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case RTA_DST: destination = new IPAddress(attributes.Value); break;
                case RTA_GATEWAY: gateway = new IPAddress(attributes.Value); break;
                case RTA_OIF: link = (int)attributes.Number; break;
                case RTA_TABLE: table = attributes.Number; break;
            }
        }
        return table == RT_TABLE_MAIN ? new NetworkRoute(new IPNetwork(destination, prefix), link, gateway) : null;
    }

    private static byte Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? AF_INET : AF_INET6;

    private static byte[] Broadcast(byte[] address, int prefixLength)
    {
        var result = (byte[])address.Clone();
        for (var bit = prefixLength; bit < 32; bit++)
            result[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return result;
    }
}
