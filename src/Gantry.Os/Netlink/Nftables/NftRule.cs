using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Netlink.Nftables;

/// <summary>
/// A rule for IPv4 packets while it is written: matches, then what is done with a packet that all of them fit. Each match loads a value
/// into register 1 and compares it there.
/// </summary>
public sealed class NftRule
{
    private const ushort NFTA_LIST_ELEM = 1, NFTA_EXPR_NAME = 1, NFTA_EXPR_DATA = 2, NFTA_DATA_VALUE = 1, NFTA_DATA_VERDICT = 2;
    private const uint NFT_META_IIFNAME = 6, NFT_META_OIFNAME = 7, NFT_META_L4PROTO = 16;
    private const uint NFT_CT_STATE = 0, NFT_CT_STATUS = 2, NFT_PAYLOAD_NETWORK = 1, NFT_PAYLOAD_TRANSPORT = 2;
    private const uint NFT_FIB_RESULT_ADDRTYPE = 3, NFTA_FIB_F_DADDR = 2, RTN_LOCAL = 2;
    private const uint EstablishedOrRelated = 0b110, StatusDestinationTranslated = 1 << 5;
    private const uint Register = 1, SecondRegister = 2, VerdictRegister = 0, Equal = 0, NotEqual = 1;
    private const int InterfaceNameSize = 16, SourceOffset = 12, DestinationOffset = 16, SourcePortOffset = 0, DestinationPortOffset = 2;
    private const int NF_DROP = 0, NF_ACCEPT = 1, NFT_JUMP = -3;

    private readonly List<Action<NetlinkMessage>> _expressions = [];

    /// <summary>What came in by this interface.</summary>
    public NftRule From(string link) => Meta(NFT_META_IIFNAME).Compare(Equal, LinkName(link));

    /// <summary>What came in by another interface, or by none.</summary>
    public NftRule NotFrom(string link) => Meta(NFT_META_IIFNAME).Compare(NotEqual, LinkName(link));

    /// <summary>What goes out by this interface.</summary>
    public NftRule To(string link) => Meta(NFT_META_OIFNAME).Compare(Equal, LinkName(link));

    /// <summary>What goes out by another interface.</summary>
    public NftRule NotTo(string link) => Meta(NFT_META_OIFNAME).Compare(NotEqual, LinkName(link));

    /// <summary>What was sent by an address of this network.</summary>
    public NftRule Source(IPNetwork network) => Address(SourceOffset, network);

    /// <summary>What is sent to an address of this network.</summary>
    public NftRule Destination(IPNetwork network) => Address(DestinationOffset, network);

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

    /// <summary>What belongs to a connection that was let through before, or comes with one.</summary>
    public NftRule Established() => Tracked(NFT_CT_STATE).Mask(Native(EstablishedOrRelated)).Compare(NotEqual, Native(0));

    /// <summary>What was sent to an address that was translated to another.</summary>
    public NftRule Translated() => Tracked(NFT_CT_STATUS).Mask(Native(StatusDestinationTranslated)).Compare(NotEqual, Native(0));

    /// <summary>What was sent to the address it is now sent to.</summary>
    public NftRule NotTranslated() => Tracked(NFT_CT_STATUS).Mask(Native(StatusDestinationTranslated)).Compare(Equal, Native(0));

    /// <summary>Lets it through, as far as this chain is concerned.</summary>
    public NftRule Accept() => Verdict(NF_ACCEPT, null);

    /// <summary>Drops it.</summary>
    public NftRule Drop() => Verdict(NF_DROP, null);

    /// <summary>Goes on in another chain, and behind this rule if that does not decide.</summary>
    public NftRule Jump(string chain) => Verdict(NFT_JUMP, chain);

    /// <summary>Has it look as if sent by the interface it leaves by.</summary>
    public NftRule Masquerade() => Add("masq", static _ => { });

    /// <summary>Sends it to another address and port instead.</summary>
    public NftRule TranslateTo(IPAddress address, ushort port)
    {
        Load(Register, address.GetAddressBytes());
        Load(SecondRegister, NetworkOrder(port));
        const uint destination = 1;
        return Add("nat", static data => data.NetworkNumber(1, destination).NetworkNumber(2, NftBatch.FamilyIPv4)
            .NetworkNumber(3, Register).NetworkNumber(5, SecondRegister));
    }

    internal void Write(NetlinkMessage list)
    {
        foreach (var expression in _expressions)
            list.Nest(NFTA_LIST_ELEM, expression);
    }

    private NftRule Meta(uint key) => Add("meta", data => data.NetworkNumber(2, key).NetworkNumber(1, Register));

    private NftRule Tracked(uint key) => Add("ct", data => data.NetworkNumber(2, key).NetworkNumber(1, Register));

    private NftRule Payload(uint header, int offset, int length) => Add("payload", data => data
        .NetworkNumber(1, Register).NetworkNumber(2, header).NetworkNumber(3, (uint)offset).NetworkNumber(4, (uint)length));

    private NftRule WritePort(byte protocol, int offset, ushort port)
    {
        const uint internetChecksum = 1, tcpChecksumOffset = 16, udpChecksumOffset = 6;
        Load(Register, NetworkOrder(port));
        return Add("payload", data => data
            .NetworkNumber(5, Register).NetworkNumber(2, NFT_PAYLOAD_TRANSPORT).NetworkNumber(3, (uint)offset).NetworkNumber(4, 2)
            .NetworkNumber(6, internetChecksum).NetworkNumber(7, protocol == 6 ? tcpChecksumOffset : udpChecksumOffset));
    }

    private NftRule Address(int offset, IPNetwork network)
    {
        var bits = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bits, network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength));
        return Payload(NFT_PAYLOAD_NETWORK, offset, 4).Mask(bits).Compare(Equal, network.BaseAddress.GetAddressBytes());
    }

    private NftRule Mask(byte[] bits) => Add("bitwise", data => data
        .NetworkNumber(1, Register).NetworkNumber(2, Register).NetworkNumber(3, (uint)bits.Length)
        .Nest(4, mask => mask.Bytes(NFTA_DATA_VALUE, bits)).Nest(5, flipped => flipped.Bytes(NFTA_DATA_VALUE, new byte[bits.Length])));

    private NftRule Compare(uint how, byte[] value) => Add("cmp", data => data
        .NetworkNumber(1, Register).NetworkNumber(2, how).Nest(3, with => with.Bytes(NFTA_DATA_VALUE, value)));

    private NftRule Load(uint register, byte[] value) => Add("immediate", data => data
        .NetworkNumber(1, register).Nest(2, constant => constant.Bytes(NFTA_DATA_VALUE, value)));

    private NftRule Verdict(int code, string? chain) => Add("immediate", data => data
        .NetworkNumber(1, VerdictRegister).Nest(2, value => value.Nest(NFTA_DATA_VERDICT, verdict =>
        {
            verdict.NetworkNumber(1, unchecked((uint)code));
            if (chain is not null)
                verdict.Text(2, chain);
        })));

    private NftRule Add(string name, Action<NetlinkMessage> data)
    {
        _expressions.Add(element => element.Text(NFTA_EXPR_NAME, name).Nest(NFTA_EXPR_DATA, data));
        return this;
    }

    private static byte[] LinkName(string name)
    {
        var bytes = new byte[InterfaceNameSize];
        Encoding.UTF8.GetBytes(name, bytes);
        return bytes;
    }

    private static byte[] NetworkOrder(ushort value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Native(uint value) => MemoryMarshal.AsBytes([value]).ToArray();
}
