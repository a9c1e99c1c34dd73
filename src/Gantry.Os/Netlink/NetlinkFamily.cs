namespace Gantry.Os.Netlink;

/// <summary>Families of netlink.</summary>
public enum NetlinkFamily
{
    /// <summary>NETLINK_ROUTE: links, addresses, routes (rtnetlink(7)).</summary>
    Route = 0,

    /// <summary>NETLINK_NETFILTER: nf_tables.</summary>
    Netfilter = 12,
}
