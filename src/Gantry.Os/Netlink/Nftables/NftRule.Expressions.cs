using System.Net;
using System.Net.Sockets;
using static Gantry.Os.Netlink.Nftables.NftEncoding;

namespace Gantry.Os.Netlink.Nftables;

public sealed partial class NftRule
{
    private const ushort NFTA_LIST_ELEM = 1, NFTA_EXPR_NAME = 1, NFTA_EXPR_DATA = 2, NFTA_DATA_VALUE = 1, NFTA_DATA_VERDICT = 2;
    private const uint NFT_META_MARK = 3, NFT_META_IIFNAME = 6, NFT_META_OIFNAME = 7, NFT_META_NFPROTO = 15, NFT_META_L4PROTO = 16;
    private const uint NFT_CT_STATE = 0, NFT_CT_STATUS = 2, NFT_PAYLOAD_NETWORK = 1, NFT_PAYLOAD_TRANSPORT = 2;
    private const uint NFT_FIB_RESULT_ADDRTYPE = 3, NFTA_FIB_F_DADDR = 2, RTN_LOCAL = 2;
    private const uint EstablishedOrRelated = 0b110, StatusDestinationTranslated = 1 << 5;
    private const uint SourceTranslation = 0, DestinationTranslation = 1;
    private const int SourcePortOffset = 0, DestinationPortOffset = 2, CommentSize = 256;
    private const int NF_DROP = 0, NF_ACCEPT = 1, NFT_JUMP = -3, NFT_RETURN = -5;

    /// <summary>Registers of 16 bytes are numbered from 1, the words of 4 bytes which they consist of from 8.</summary>
    private const uint VerdictRegister = 0, Register = 1, SecondRegister = 2, FirstWord = 8, WordSize = 4;

    private const uint Equal = 0, NotEqual = 1;

    private readonly List<Action<NetlinkMessage>> _expressions = [];

    internal void Write(NetlinkMessage list)
    {
        foreach (var expression in _expressions)
            list.Nest(NFTA_LIST_ELEM, expression);
    }

    private NftRule Meta(uint key, uint register = Register) => Add("meta", data => data.NetworkNumber(2, key).NetworkNumber(1, register));

    private NftRule Tracked(uint key) => Add("ct", data => data.NetworkNumber(2, key).NetworkNumber(1, Register));

    private NftRule Payload(uint header, int offset, int length, uint register = Register) => Add("payload", data => data
        .NetworkNumber(1, register).NetworkNumber(2, header).NetworkNumber(3, (uint)offset).NetworkNumber(4, (uint)length));

    private NftRule WritePort(byte protocol, int offset, ushort port)
    {
        const uint internetChecksum = 1, tcpChecksumOffset = 16, udpChecksumOffset = 6;
        Load(Register, NetworkOrder(port));
        return Add("payload", data => data
            .NetworkNumber(5, Register).NetworkNumber(2, NFT_PAYLOAD_TRANSPORT).NetworkNumber(3, (uint)offset).NetworkNumber(4, 2)
            .NetworkNumber(6, internetChecksum).NetworkNumber(7, protocol == 6 ? tcpChecksumOffset : udpChecksumOffset));
    }

    private NftRule Address(bool isSource, IPNetwork network)
    {
        var family = network.BaseAddress.AddressFamily;
        var whole = network.BaseAddress.GetAddressBytes();
        var bits = new byte[whole.Length];
        for (var bit = 0; bit < network.PrefixLength; bit++)
            bits[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return Version(family).Payload(NFT_PAYLOAD_NETWORK, AddressOffset(FamilyOf(family), isSource), whole.Length, Register).Mask(bits).Compare(Equal, whole);
    }

    /// <summary>The version of IP that a set's keys, or a map's values, have addresses of.</summary>
    private NftRule VersionOf(NftSet set) =>
        Version((set.IsMap ? set.Value : set.Key)[0] == NftKeyPart.IPv4Address ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);

    /// <summary>Loads the parts of a key, one behind the other.</summary>
    private NftRule LoadDestination(IReadOnlyList<NftKeyPart> parts, uint register = FirstWord)
    {
        foreach (var part in parts)
        {
            _ = part switch
            {
                NftKeyPart.IPv4Address => Payload(NFT_PAYLOAD_NETWORK, AddressOffset(NftFamily.IPv4, false), 4, register),
                NftKeyPart.IPv6Address => Payload(NFT_PAYLOAD_NETWORK, AddressOffset(NftFamily.IPv6, false), 16, register),
                NftKeyPart.Protocol => Meta(NFT_META_L4PROTO, register),
                NftKeyPart.Port => Payload(NFT_PAYLOAD_TRANSPORT, DestinationPortOffset, 2, register),
                _ => throw new ArgumentException($"a destination has no {part}", nameof(parts)),
            };
            register += (uint)NftSet.LengthOf(part) / WordSize;
        }
        return this;
    }

    private NftRule Lookup(NftSet set, uint? result) => Add("lookup", data =>
    {
        data.Text(1, set.Name).NetworkNumber(2, set.Key[0] == NftKeyPart.LinkName ? Register : FirstWord);
        if (result is { } register)
            data.NetworkNumber(3, register);
    });

    /// <summary>Keeps some bits of what is loaded, and flips some.</summary>
    private NftRule Mask(byte[] kept, byte[]? flipped = null) => Add("bitwise", data => data
        .NetworkNumber(1, Register).NetworkNumber(2, Register).NetworkNumber(3, (uint)kept.Length)
        .Nest(4, mask => mask.Bytes(NFTA_DATA_VALUE, kept)).Nest(5, xor => xor.Bytes(NFTA_DATA_VALUE, flipped ?? new byte[kept.Length])));

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
}
