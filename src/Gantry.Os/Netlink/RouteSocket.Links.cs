using System.Runtime.InteropServices;

namespace Gantry.Os.Netlink;

/// <summary>A network interface.</summary>
/// <param name="Index">Its number in its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is: <c>bridge</c>, <c>veth</c>; empty for hardware and the loopback interface.</param>
/// <param name="Master">The index of the bridge it is a port of; 0: of none.</param>
/// <param name="Mtu">The largest packet, in bytes.</param>
/// <param name="IsUp">Whether it is switched on.</param>
/// <param name="Address">Its hardware address as hexadecimal digits, two each with colons between.</param>
/// <param name="Alias">The text that its owner marked it with; empty: none.</param>
public sealed record NetworkLink(int Index, string Name, string Kind, int Master, int Mtu, bool IsUp, string Address, string Alias);

public sealed partial class RouteSocket
{
    private const ushort RTM_NEWLINK = 16, RTM_DELLINK = 17, RTM_GETLINK = 18, RTM_SETLINK = 19;
    private const ushort IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_MASTER = 10, IFLA_PROTINFO = 12, IFLA_LINKINFO = 18, IFLA_IFALIAS = 20,
        IFLA_NET_NS_FD = 28;
    private const ushort IFLA_INFO_KIND = 1, IFLA_INFO_DATA = 2, VETH_INFO_PEER = 1, IFLA_BRPORT_MODE = 4, IFLA_BRPORT_ISOLATED = 33;
    private const byte AF_BRIDGE = 7;
    private const uint IFF_UP = 1;

    /// <summary>Makes a bridge; it is down.</summary>
    /// <param name="name">Its name, at most 15 bytes.</param>
    /// <param name="address">Its hardware address: one that is given does not change with its ports.</param>
    /// <param name="mtu">The largest packet in bytes; 0: the kernel's.</param>
    /// <param name="alias">A text that marks its owner.</param>
    /// <exception cref="OsException">EEXIST: the name is taken.</exception>
    public void CreateBridge(string name, ReadOnlySpan<byte> address, int mtu, string alias)
    {
        var message = Link(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, 0).Text(IFLA_IFNAME, name).Bytes(IFLA_ADDRESS, address);
        if (mtu > 0)
            message.Number(IFLA_MTU, (uint)mtu);
        Ask($"make the bridge {name}", message.Nest(IFLA_LINKINFO, static info => info.Text(IFLA_INFO_KIND, "bridge")));
        try
        {
            // The kernel takes no alias with a link that is being made.
            Ask($"mark the bridge {name}", Link(RTM_SETLINK, NetlinkFlags.None, 0).Text(IFLA_IFNAME, name).Text(IFLA_IFALIAS, alias));
        }
        catch
        {
            DeleteLink(name);
            throw;
        }
    }

    /// <summary>Makes a pair of interfaces: this end as a port of a bridge and up, the other inside another namespace.</summary>
    /// <param name="name">This end's name.</param>
    /// <param name="bridge">The index of the bridge.</param>
    /// <param name="mtu">The largest packet in bytes; 0: the kernel's.</param>
    /// <param name="peer">The other end.</param>
    /// <exception cref="OsException">EEXIST: one of the names is taken; nothing was made.</exception>
    public void CreatePair(string name, int bridge, int mtu, PeerLink peer)
    {
        var message = Link(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, IFF_UP).Text(IFLA_IFNAME, name).Number(IFLA_MASTER, (uint)bridge);
        if (mtu > 0)
            message.Number(IFLA_MTU, (uint)mtu);
        message.Nest(IFLA_LINKINFO, info => info.Text(IFLA_INFO_KIND, "veth").Nest(IFLA_INFO_DATA, data => data.Nest(VETH_INFO_PEER, other =>
        {
            other.Raw(LinkHeader(0, 0, 0, 0)).Text(IFLA_IFNAME, peer.Name).Bytes(IFLA_ADDRESS, peer.Address)
                .Number(IFLA_NET_NS_FD, (uint)peer.NetworkNamespace.Number);
            if (mtu > 0)
                other.Number(IFLA_MTU, (uint)mtu);
        })));
        Ask($"make the pair of interfaces {name} and {peer.Name}", message);
    }

    /// <summary>Says what a bridge does at one of its ports.</summary>
    /// <param name="index">The port.</param>
    /// <param name="reflects">Whether what came in there may go out there again, as when a container reaches itself by the host's address.</param>
    /// <param name="isolated">Whether nothing is forwarded between it and other isolated ports; the bridge itself reaches all.</param>
    /// <exception cref="OsException">It is no port of a bridge.</exception>
    public void ConfigurePort(int index, bool reflects, bool isolated) => Ask($"configure the bridge port {index}",
        new NetlinkMessage(RTM_SETLINK, NetlinkFlags.None).Raw(LinkHeader(AF_BRIDGE, index, 0, 0))
            .Nest(IFLA_PROTINFO, port => port.Byte(IFLA_BRPORT_MODE, reflects ? (byte)1 : (byte)0).Byte(IFLA_BRPORT_ISOLATED, isolated ? (byte)1 : (byte)0)));

    /// <summary>Switches an interface on.</summary>
    /// <exception cref="OsException">ENODEV: there is none of that index.</exception>
    public void SetUp(int index) => Ask($"switch interface {index} on", new NetlinkMessage(RTM_NEWLINK, NetlinkFlags.None)
        .Raw(LinkHeader(0, index, IFF_UP, IFF_UP)));

    /// <summary>Gives an interface that is down another name.</summary>
    /// <exception cref="OsException">EBUSY: it is up. EEXIST: the name is taken.</exception>
    public void Rename(int index, string name) => Ask($"rename interface {index} to {name}", new NetlinkMessage(RTM_NEWLINK, NetlinkFlags.None)
        .Raw(LinkHeader(0, index, 0, 0)).Text(IFLA_IFNAME, name));

    /// <summary>Removes an interface, and with it the other end of a pair.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="OsException">EOPNOTSUPP: it cannot be removed.</exception>
    public bool DeleteLink(string name)
    {
        var error = _socket.Request(Link(RTM_DELLINK, NetlinkFlags.None, 0).Text(IFLA_IFNAME, name));
        return error.Value == 0 || (error == Errno.ENODEV ? false : throw new OsException($"remove the interface {name}", error));
    }

    /// <summary>The interface of a name; null when there is none.</summary>
    /// <exception cref="OsException">The kernel refused for another reason.</exception>
    public NetworkLink? FindLink(string name)
    {
        NetworkLink? found = null;
        var error = _socket.Query(Link(RTM_GETLINK, NetlinkFlags.None, 0).Text(IFLA_IFNAME, name), (_, payload) => found = ReadLink(payload));
        return error.Value == 0 ? found : error == Errno.ENODEV ? null : throw new OsException($"look up the interface {name}", error);
    }

    /// <summary>All interfaces of the namespace.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public IReadOnlyList<NetworkLink> ListLinks()
    {
        var links = new List<NetworkLink>();
        Ask("list the interfaces", Link(RTM_GETLINK, NetlinkFlags.Dump, 0), (_, payload) => links.Add(ReadLink(payload)));
        return links;
    }

    private static NetlinkMessage Link(ushort type, NetlinkFlags flags, uint interfaceFlags) =>
        new NetlinkMessage(type, flags).Raw(LinkHeader(0, 0, interfaceFlags, interfaceFlags));

    /// <summary>struct ifinfomsg.</summary>
    private static byte[] LinkHeader(byte family, int index, uint flags, uint change)
    {
        var header = new byte[16];
        header[0] = family;
        MemoryMarshal.Write(header.AsSpan(4), index);
        MemoryMarshal.Write(header.AsSpan(8), flags);
        MemoryMarshal.Write(header.AsSpan(12), change);
        return header;
    }

    private static NetworkLink ReadLink(ReadOnlySpan<byte> payload)
    {
        var link = new NetworkLink(MemoryMarshal.Read<int>(payload[4..]), "", "", 0, 0, (MemoryMarshal.Read<uint>(payload[8..]) & IFF_UP) != 0, "", "");
        var attributes = new NetlinkAttributes(payload[16..]);
        while (attributes.Read())
        {
            link = attributes.Type switch
            {
                IFLA_IFNAME => link with { Name = attributes.Text },
                IFLA_MASTER => link with { Master = (int)attributes.Number },
                IFLA_MTU => link with { Mtu = (int)attributes.Number },
                IFLA_ADDRESS => link with { Address = HardwareText(attributes.Value) },
                IFLA_IFALIAS => link with { Alias = attributes.Text },
                IFLA_LINKINFO => link with { Kind = ReadKind(attributes.Nested) },
                _ => link,
            };
        }
        return link;
    }

    private static string ReadKind(NetlinkAttributes info)
    {
        while (info.Read())
        {
            if (info.Type == IFLA_INFO_KIND)
                return info.Text;
        }
        return "";
    }

    private static string HardwareText(ReadOnlySpan<byte> address)
    {
        var digits = new string[address.Length];
        for (var i = 0; i < address.Length; i++)
            digits[i] = address[i].ToString("x2");
        return string.Join(':', digits);
    }
}

/// <summary>The end of a pair of interfaces that is made inside a namespace.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Address">Its hardware address, six bytes.</param>
/// <param name="NetworkNamespace">The namespace.</param>
public sealed record PeerLink(string Name, byte[] Address, Fd NetworkNamespace);
