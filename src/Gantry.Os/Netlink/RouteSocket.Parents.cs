using System.Runtime.InteropServices;

namespace Gantry.Os.Netlink;

/// <summary>How interfaces of one parent reach each other (MACVLAN_MODE_*).</summary>
public enum MacvlanMode
{
    /// <summary>Not at all.</summary>
    Private = 1,

    /// <summary>By the switch that the parent is connected to.</summary>
    Vepa = 2,

    /// <summary>Directly.</summary>
    Bridge = 4,

    /// <summary>There is only one, which takes the parent's place.</summary>
    PassThrough = 8,
}

/// <summary>At which layer interfaces of one parent are told apart (IPVLAN_MODE_*).</summary>
public enum IpvlanMode
{
    /// <summary>They see the parent's broadcasts.</summary>
    L2 = 0,

    /// <summary>The parent routes between them.</summary>
    L3 = 1,

    /// <summary>As <see cref="L3"/>, and the host's firewall sees their packets.</summary>
    L3S = 2,
}

/// <summary>How interfaces of one parent reach each other (IPVLAN_F_*).</summary>
public enum IpvlanFlag
{
    /// <summary>Directly.</summary>
    Bridge = 0,

    /// <summary>Not at all.</summary>
    Private = 1,

    /// <summary>By the switch that the parent is connected to.</summary>
    Vepa = 2,
}

/// <summary>What interfaces that share a parent have in common.</summary>
/// <param name="Name">The name, inside the namespace.</param>
/// <param name="Parent">The parent's index, in the namespace of the socket.</param>
/// <param name="Mtu">The largest packet in bytes; 0: the parent's.</param>
/// <param name="NetworkNamespace">The namespace that it is made in.</param>
public sealed record ChildLink(string Name, int Parent, int Mtu, Fd NetworkNamespace);

public sealed partial class RouteSocket
{
    private const ushort IFLA_LINK = 5, IFLA_MACVLAN_MODE = 1, IFLA_IPVLAN_MODE = 1, IFLA_IPVLAN_FLAGS = 2, IFLA_VLAN_ID = 1;

    /// <summary>Makes an interface with a hardware address of its own on a parent's wire; it is down.</summary>
    /// <exception cref="OsException">EOPNOTSUPP: the kernel has no macvlan. EBUSY: the parent is used otherwise. EEXIST: the name is taken.</exception>
    public void CreateMacvlan(ChildLink link, MacvlanMode mode, byte[] address) => Ask(
        $"make the macvlan interface {link.Name}",
        Child(link).Bytes(IFLA_ADDRESS, address)
            .Nest(IFLA_LINKINFO, info => info.Text(IFLA_INFO_KIND, "macvlan").Nest(IFLA_INFO_DATA, data => data.Number(IFLA_MACVLAN_MODE, (uint)mode))));

    /// <summary>Makes an interface that shares its parent's hardware address; it is down.</summary>
    /// <exception cref="OsException">EOPNOTSUPP: the kernel has no ipvlan. EBUSY: the parent is used otherwise. EEXIST: the name is taken.</exception>
    public void CreateIpvlan(ChildLink link, IpvlanMode mode, IpvlanFlag flag) => Ask(
        $"make the ipvlan interface {link.Name}",
        Child(link).Nest(IFLA_LINKINFO, info => info.Text(IFLA_INFO_KIND, "ipvlan").Nest(IFLA_INFO_DATA, data => data
            .Bytes(IFLA_IPVLAN_MODE, MemoryMarshal.AsBytes([(ushort)mode])).Bytes(IFLA_IPVLAN_FLAGS, MemoryMarshal.AsBytes([(ushort)flag])))));

    /// <summary>Makes the interface of a virtual LAN (802.1Q) on a parent; it is down.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parent">The parent's index.</param>
    /// <param name="number">The LAN's number, from 1 to 4094.</param>
    /// <param name="alias">A text that marks its owner.</param>
    /// <exception cref="OsException">EOPNOTSUPP: the kernel has no 802.1Q. EEXIST: the name or the number is taken.</exception>
    public void CreateVlan(string name, int parent, ushort number, string alias) => CreateMarked(
        name, alias, Link(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, 0).Text(IFLA_IFNAME, name).Number(IFLA_LINK, (uint)parent)
            .Nest(IFLA_LINKINFO, info => info.Text(IFLA_INFO_KIND, "vlan")
                .Nest(IFLA_INFO_DATA, data => data.Bytes(IFLA_VLAN_ID, MemoryMarshal.AsBytes([number])))));

    /// <summary>Makes an interface that leads nowhere; it is down.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="alias">A text that marks its owner.</param>
    /// <exception cref="OsException">EOPNOTSUPP: the kernel has no such interfaces. EEXIST: the name is taken.</exception>
    public void CreateDummy(string name, string alias) => CreateMarked(
        name, alias, Link(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, 0).Text(IFLA_IFNAME, name)
            .Nest(IFLA_LINKINFO, static info => info.Text(IFLA_INFO_KIND, "dummy")));

    /// <summary>Makes a pair of interfaces that are connected with each other and nothing else; both are down.</summary>
    /// <param name="name">The name of one.</param>
    /// <param name="other">The name of the other, which goes with it.</param>
    /// <param name="alias">A text that marks the owner.</param>
    /// <exception cref="OsException">EEXIST: one of the names is taken.</exception>
    public void CreateLoop(string name, string other, string alias) => CreateMarked(
        name, alias, Link(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, 0).Text(IFLA_IFNAME, name)
            .Nest(IFLA_LINKINFO, info => info.Text(IFLA_INFO_KIND, "veth").Nest(IFLA_INFO_DATA, data => data.Nest(
                VETH_INFO_PEER, peer => peer.Raw(LinkHeader(0, 0, 0, 0)).Text(IFLA_IFNAME, other)))));

    /// <summary>The kernel takes no alias with a link that is being made.</summary>
    private void CreateMarked(string name, string alias, NetlinkMessage message)
    {
        Ask($"make the interface {name}", message);
        try
        {
            Ask($"mark the interface {name}", Link(RTM_SETLINK, NetlinkFlags.None, 0).Text(IFLA_IFNAME, name).Text(IFLA_IFALIAS, alias));
        }
        catch
        {
            DeleteLink(name);
            throw;
        }
    }

    private static NetlinkMessage Child(ChildLink link)
    {
        var message = Link(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, 0).Text(IFLA_IFNAME, link.Name)
            .Number(IFLA_LINK, (uint)link.Parent).Number(IFLA_NET_NS_FD, (uint)link.NetworkNamespace.Number);
        return link.Mtu > 0 ? message.Number(IFLA_MTU, (uint)link.Mtu) : message;
    }
}
