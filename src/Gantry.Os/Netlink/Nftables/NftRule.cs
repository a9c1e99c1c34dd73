using System.Net;
using System.Net.Sockets;
using static Gantry.Os.Netlink.Nftables.NftEncoding;

namespace Gantry.Os.Netlink.Nftables;

/// <summary>
/// A rule while it is written: matches, then what is done with a packet that all of them fit. What names an address fits packets of its
/// version only. Each match loads a value into register 1 and compares it there.
/// </summary>
public sealed partial class NftRule
{
    /// <summary>What came in by this interface.</summary>
    public NftRule From(string link) => Meta(NFT_META_IIFNAME).Compare(Equal, LinkName(link));

    /// <summary>What came in by another interface, or by none.</summary>
    public NftRule NotFrom(string link) => Meta(NFT_META_IIFNAME).Compare(NotEqual, LinkName(link));

    /// <summary>What came in by an interface of a set.</summary>
    public NftRule FromAny(NftSet links) => Meta(NFT_META_IIFNAME).Lookup(links, null);

    /// <summary>What goes out by this interface.</summary>
    public NftRule To(string link) => Meta(NFT_META_OIFNAME).Compare(Equal, LinkName(link));

    /// <summary>What goes out by another interface.</summary>
    public NftRule NotTo(string link) => Meta(NFT_META_OIFNAME).Compare(NotEqual, LinkName(link));

    /// <summary>What goes out by an interface of a set.</summary>
    public NftRule ToAny(NftSet links) => Meta(NFT_META_OIFNAME).Lookup(links, null);

    /// <summary>What is of this version of IP.</summary>
    public NftRule Version(AddressFamily family) => Meta(NFT_META_NFPROTO).Compare(Equal, [(byte)FamilyOf(family)]);

    /// <summary>What was sent by an address of this network.</summary>
    public NftRule Source(IPNetwork network) => Address(isSource: true, network);

    /// <summary>What is sent to an address of this network.</summary>
    public NftRule Destination(IPNetwork network) => Address(isSource: false, network);

    /// <summary>What is sent to an address of this machine, be it 127.0.0.1 (the type of the address, fib expression).</summary>
    public NftRule DestinationIsLocal() => Add("fib", static data => data
        .NetworkNumber(1, Register).NetworkNumber(2, NFT_FIB_RESULT_ADDRTYPE).NetworkNumber(3, NFTA_FIB_F_DADDR)).Compare(Equal, Native(RTN_LOCAL));

    /// <summary>What is of this protocol: 6 is TCP, 17 UDP.</summary>
    public NftRule Protocol(byte protocol) => Meta(NFT_META_L4PROTO).Compare(Equal, [protocol]);

    /// <summary>What is sent to this port; the protocol must be matched before.</summary>
    public NftRule DestinationPort(ushort port) => Payload(NFT_PAYLOAD_TRANSPORT, DestinationPortOffset, 2).Compare(Equal, NetworkOrder(port));

    /// <summary>What is sent from this port; the protocol must be matched before.</summary>
    public NftRule SourcePort(ushort port) => Payload(NFT_PAYLOAD_TRANSPORT, SourcePortOffset, 2).Compare(Equal, NetworkOrder(port));

    /// <summary>
    /// Writes another destination port into the packet, and the checksum that goes with it. Nothing remembers it, unlike a translation: answers are
    /// the business of another rule.
    /// </summary>
    /// <param name="protocol">The protocol, which must be matched before: 6 is TCP, 17 UDP.</param>
    /// <param name="port">The port.</param>
    public NftRule WriteDestinationPort(byte protocol, ushort port) => WritePort(protocol, DestinationPortOffset, port);

    /// <summary>Writes another source port into the packet, as <see cref="WriteDestinationPort"/> does.</summary>
    public NftRule WriteSourcePort(byte protocol, ushort port) => WritePort(protocol, SourcePortOffset, port);

    /// <summary>What is sent to an address, protocol and port of a set; only packets of the version of its addresses.</summary>
    public NftRule DestinationIn(NftSet set) => VersionOf(set).LoadDestination(set.Key).Lookup(set, null);

    /// <summary>What is sent by an address to an address, protocol and port of a set, whose keys begin with the sender.</summary>
    public NftRule SourceAndDestinationIn(NftSet set)
    {
        var family = set.Key[0] == NftKeyPart.IPv4Address ? NftFamily.IPv4 : NftFamily.IPv6;
        var length = NftSet.LengthOf(set.Key[0]);
        return VersionOf(set).Payload(NFT_PAYLOAD_NETWORK, AddressOffset(family, true), length, FirstWord)
            .LoadDestination([.. set.Key.Skip(1)], FirstWord + (uint)length / WordSize).Lookup(set, null);
    }

    /// <summary>What belongs to a connection that was let through before, or comes with one.</summary>
    public NftRule Established() => Tracked(NFT_CT_STATE).Mask(Native(EstablishedOrRelated)).Compare(NotEqual, Native(0));

    /// <summary>What was sent to an address that was translated to another; or what was not.</summary>
    /// <param name="isTranslated">Which of both.</param>
    public NftRule Translated(bool isTranslated = true) =>
        Tracked(NFT_CT_STATUS).Mask(Native(StatusDestinationTranslated)).Compare(isTranslated ? NotEqual : Equal, Native(0));

    /// <summary>What has these bits in its mark.</summary>
    public NftRule HasMark(uint bits) => Meta(NFT_META_MARK).Mask(Native(bits)).Compare(Equal, Native(bits));

    /// <summary>Sets bits of its mark, which other chains of this machine see.</summary>
    public NftRule AddMark(uint bits) => Meta(NFT_META_MARK).Mask(Native(~bits), Native(bits))
        .Add("meta", static data => data.NetworkNumber(2, NFT_META_MARK).NetworkNumber(3, Register));

    /// <summary>A comment as iptables has it: a match of the kernel's that fits everything (xt_comment).</summary>
    /// <param name="text">At most 255 bytes.</param>
    public NftRule Comment(string text)
    {
        var info = new byte[CommentSize];
        System.Text.Encoding.UTF8.GetBytes(text, info.AsSpan(0, CommentSize - 1));
        return Add("match", data => data.Text(1, "comment").NetworkNumber(2, 0).Bytes(3, info));
    }

    /// <summary>Counts what comes this far.</summary>
    public NftRule Counter() => Add("counter", static data => data.NetworkNumber64(1, 0).NetworkNumber64(2, 0));

    /// <summary>Lets it through, as far as this chain is concerned.</summary>
    public NftRule Accept() => Verdict(NF_ACCEPT, null);

    /// <summary>Drops it.</summary>
    public NftRule Drop() => Verdict(NF_DROP, null);

    /// <summary>Goes on behind the rule that jumped to this chain.</summary>
    public NftRule Return() => Verdict(NFT_RETURN, null);

    /// <summary>Goes on in another chain, and behind this rule if that does not decide.</summary>
    public NftRule Jump(string chain) => Verdict(NFT_JUMP, chain);

    /// <summary>Has it look as if sent by the interface it leaves by.</summary>
    public NftRule Masquerade() => Add("masq", static _ => { });

    /// <summary>Has it look as if sent by another address.</summary>
    public NftRule TranslateSource(IPAddress address)
    {
        Load(Register, address.GetAddressBytes());
        return Add("nat", data => data.NetworkNumber(1, SourceTranslation).NetworkNumber(2, (uint)FamilyOf(address.AddressFamily)).NetworkNumber(3, Register));
    }

    /// <summary>Leaves it its source: what chains of others behind this one would make of it is settled.</summary>
    public NftRule KeepSource(AddressFamily version)
    {
        var family = FamilyOf(version);
        return Version(version).Payload(NFT_PAYLOAD_NETWORK, AddressOffset(family, true), family == NftFamily.IPv4 ? 4 : 16)
            .Add("nat", data => data.NetworkNumber(1, SourceTranslation).NetworkNumber(2, (uint)family).NetworkNumber(3, Register));
    }

    /// <summary>Sends it to the address and port that a map has for its protocol and port, or for its address, protocol and port; else goes on.</summary>
    public NftRule TranslateBy(NftSet map)
    {
        var family = map.Value[0] == NftKeyPart.IPv4Address ? NftFamily.IPv4 : NftFamily.IPv6;
        VersionOf(map).LoadDestination(map.Key).Lookup(map, FirstWord);
        var port = FirstWord + (uint)NftSet.LengthOf(map.Value[0]) / WordSize;
        return Add("nat", data => data.NetworkNumber(1, DestinationTranslation).NetworkNumber(2, (uint)family)
            .NetworkNumber(3, FirstWord).NetworkNumber(5, port));
    }
}
