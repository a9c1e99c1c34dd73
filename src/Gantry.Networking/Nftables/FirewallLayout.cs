using System.Net;
using Gantry.Networking.Ports;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Nftables;

/// <summary>Names and sets of an engine's table, and the elements that ports are in them.</summary>
internal static class FirewallLayout
{
    internal const string Raw = "raw", Forward = "forward", Prerouting = "prerouting", Output = "output", Postrouting = "postrouting",
        Published = "ports", Local = "lan", Decide = "decide", Allow = "allow";

    /// <summary>
    /// A bit of the packet's mark, set on what this table lets through: by it others' chains that drop what they do not know can let it through
    /// as well, with one rule whatever networks there are.
    /// </summary>
    internal const uint AllowedMark = 0x1000000;

    private static readonly NftKeyPart[] s_target4 = [NftKeyPart.IPv4Address, NftKeyPart.Port], s_target6 = [NftKeyPart.IPv6Address, NftKeyPart.Port];
    private static readonly NftKeyPart[] s_anywhere = [NftKeyPart.Protocol, NftKeyPart.Port];
    private static readonly NftKeyPart[] s_at4 = [NftKeyPart.IPv4Address, .. s_anywhere], s_at6 = [NftKeyPart.IPv6Address, .. s_anywhere];

    /// <summary>The interfaces of all networks.</summary>
    internal static NftSet Bridges { get; } = new("bridges", NftKeyPart.LinkName);

    /// <summary>Ports published at one address of the host, and where they lead.</summary>
    internal static NftSet Ports4 { get; } = new("ports4", s_at4, s_target4);

    /// <inheritdoc cref="Ports4"/>
    internal static NftSet Ports6 { get; } = new("ports6", s_at6, s_target6);

    /// <summary>Ports published at all addresses of the host.</summary>
    internal static NftSet Anywhere4 { get; } = new("anywhere4", s_anywhere, s_target4);

    /// <inheritdoc cref="Anywhere4"/>
    internal static NftSet Anywhere6 { get; } = new("anywhere6", s_anywhere, s_target6);

    /// <summary>Ports that are reached by the container's own address.</summary>
    internal static NftSet Open4 { get; } = new("open4", s_at4);

    /// <inheritdoc cref="Open4"/>
    internal static NftSet Open6 { get; } = new("open6", s_at6);

    /// <summary>Who reaches which ports where containers of a network do not reach each other.</summary>
    internal static NftSet Links4 { get; } = new("links4", [NftKeyPart.IPv4Address, .. s_at4]);

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<NftSet> Sets { get; } = [Bridges, Ports4, Ports6, Anywhere4, Anywhere6, Open4, Open6, Links4];

    /// <summary>The sets of ports, those of one address before those of all.</summary>
    internal static IReadOnlyList<NftSet> Translations { get; } = [Ports4, Anywhere4, Ports6, Anywhere6];

    /// <summary>The element that a linked port is.</summary>
    internal static (byte[] Key, byte[] Value) ElementOf(LinkedPort link) => (NftKey.Of(Links4.Key, link.From, link.To, (byte)link.Protocol, link.Port), []);

    /// <summary>The element of a set that a port is.</summary>
    internal static (NftSet Set, byte[] Key, byte[] Value) ElementOf(FirewalledPort published)
    {
        var port = published.Port;
        var is4 = published.Address.GetAddressBytes().Length == 4;
        if (published.IsRouted)
        {
            var open = is4 ? Open4 : Open6;
            return (open, NftKey.Of(open.Key, published.Address, (byte)port.Protocol, port.ContainerPort), []);
        }
        var host = IPAddress.Parse(port.HostAddress);
        var isAnywhere = host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);
        var map = (isAnywhere, is4) switch { (true, true) => Anywhere4, (true, false) => Anywhere6, (false, true) => Ports4, (false, false) => Ports6 };
        var key = isAnywhere
            ? NftKey.Of(map.Key, (byte)port.Protocol, port.HostPort)
            : NftKey.Of(map.Key, host, (byte)port.Protocol, port.HostPort);
        return (map, key, NftKey.Of(map.Value, published.Address, port.ContainerPort));
    }
}
