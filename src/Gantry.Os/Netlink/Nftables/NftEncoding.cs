using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Netlink.Nftables;

/// <summary>Values as rules compare them with what they loaded.</summary>
internal static class NftEncoding
{
    internal static NftFamily FamilyOf(AddressFamily family) => family == AddressFamily.InterNetwork ? NftFamily.IPv4 : NftFamily.IPv6;

    /// <summary>Where an address is in the header of its version of IP.</summary>
    internal static int AddressOffset(NftFamily family, bool isSource) => (family, isSource) switch
    {
        (NftFamily.IPv4, true) => 12,
        (NftFamily.IPv4, false) => 16,
        (_, true) => 8,
        (_, false) => 24,
    };

    internal static byte[] LinkName(string name)
    {
        const int linkNameSize = 16;
        var bytes = new byte[linkNameSize];
        Encoding.UTF8.GetBytes(name, bytes);
        return bytes;
    }

    internal static byte[] NetworkOrder(ushort value) => [(byte)(value >> 8), (byte)value];

    internal static byte[] Native(uint value) => MemoryMarshal.AsBytes([value]).ToArray();
}
