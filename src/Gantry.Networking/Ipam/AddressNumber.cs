using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gantry.Networking.Ipam;

/// <summary>Addresses as numbers, to count with.</summary>
internal static class AddressNumber
{
    /// <summary>An address of either version as a number.</summary>
    internal static UInt128 Of(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The address of a number.</summary>
    internal static IPAddress ToAddress(UInt128 number, AddressFamily family)
    {
        var bytes = new byte[family == AddressFamily.InterNetwork ? 4 : 16];
        if (bytes.Length == 4)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)number);
        else
            BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    /// <summary>How many bits an address has.</summary>
    internal static int BitsOf(AddressFamily family) => family == AddressFamily.InterNetwork ? 32 : 128;

    /// <summary>The last address of a network.</summary>
    internal static UInt128 LastOf(IPNetwork network) => Of(network.BaseAddress) | HostBits(network.BaseAddress.AddressFamily, network.PrefixLength);

    /// <summary>The bits behind a prefix, all of them set.</summary>
    internal static UInt128 HostBits(AddressFamily family, int prefixLength)
    {
        var bits = BitsOf(family) - prefixLength;
        return bits >= 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1;
    }
}
