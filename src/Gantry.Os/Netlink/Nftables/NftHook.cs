namespace Gantry.Os.Netlink.Nftables;

/// <summary>Where the kernel calls a base chain (NF_INET_*).</summary>
public enum NftHook
{
    /// <summary>Everything that arrives.</summary>
    Prerouting = 0,

    /// <summary>What is for this machine.</summary>
    Input = 1,

    /// <summary>What goes through.</summary>
    Forward = 2,

    /// <summary>What this machine sends.</summary>
    Output = 3,

    /// <summary>Everything that leaves.</summary>
    Postrouting = 4,
}

/// <summary>Of which packets a table is (NFPROTO_*).</summary>
public enum NftFamily : byte
{
    /// <summary>IPv4 and IPv6.</summary>
    Inet = 1,

    /// <summary>IPv4.</summary>
    IPv4 = 2,

    /// <summary>IPv6.</summary>
    IPv6 = 10,
}

/// <summary>A base chain: its name, and where and when the kernel calls it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>filter</c> or <c>nat</c>.</param>
/// <param name="Hook">Where.</param>
/// <param name="Priority">When, among the chains of a hook: -300 before connections are tracked, -100 translation of destinations, 0 filters, 100
/// translation of sources.</param>
/// <param name="Drops">Whether what no rule decides is dropped; else it is accepted.</param>
public sealed record NftBaseChain(string Name, string Type, NftHook Hook, int Priority, bool Drops = false);
