using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Gantry.Os.Netlink.Nftables;

/// <summary>What a part of a set's key, or of a map's value, is: the number that programs which list tables know it by, and its bytes.</summary>
public enum NftKeyPart
{
    /// <summary>An IPv4 address.</summary>
    IPv4Address = 7,

    /// <summary>An IPv6 address.</summary>
    IPv6Address = 8,

    /// <summary>A protocol: 6 is TCP.</summary>
    Protocol = 12,

    /// <summary>A port.</summary>
    Port = 13,

    /// <summary>The name of an interface.</summary>
    LinkName = 41,
}

/// <summary>A set of keys, or with a value for each key a map. Each part begins at a multiple of four bytes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Key">The parts of the key.</param>
/// <param name="Value">The parts of the value; empty: a set.</param>
public sealed record NftSet(string Name, IReadOnlyList<NftKeyPart> Key, IReadOnlyList<NftKeyPart> Value)
{
    private const int BitsOfType = 6;

    /// <summary>A set without values.</summary>
    public NftSet(string name, params NftKeyPart[] key) : this(name, key, [])
    {
    }

    internal bool IsMap => Value.Count > 0;

    /// <summary>The length of parts in bytes.</summary>
    internal static int LengthOf(IReadOnlyList<NftKeyPart> parts) => parts.Sum(LengthOf);

    /// <summary>The type of a concatenation: six bits for each part.</summary>
    internal static uint TypeOf(IReadOnlyList<NftKeyPart> parts) => parts.Aggregate(0u, static (type, part) => type << BitsOfType | (uint)part);

    internal static int LengthOf(NftKeyPart part) => part switch { NftKeyPart.IPv6Address or NftKeyPart.LinkName => 16, _ => 4 };
}

/// <summary>Writes the bytes of keys and values.</summary>
public static class NftKey
{
    /// <summary>The bytes of one key or value: addresses, and numbers as the parts need them, one for each part.</summary>
    /// <param name="parts">What is written.</param>
    /// <param name="values">An <see cref="IPAddress"/>, a <see cref="byte"/> for a protocol, a <see cref="ushort"/> for a port, or a text.</param>
    public static byte[] Of(IReadOnlyList<NftKeyPart> parts, params ReadOnlySpan<object> values)
    {
        var bytes = new byte[NftSet.LengthOf(parts)];
        var offset = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var room = bytes.AsSpan(offset, NftSet.LengthOf(parts[i]));
            switch (values[i])
            {
                case IPAddress address: address.GetAddressBytes().CopyTo(room); break;
                case byte protocol: room[0] = protocol; break;
                case ushort port: BinaryPrimitives.WriteUInt16BigEndian(room, port); break;
                case string name: Encoding.UTF8.GetBytes(name, room[..^1]); break;
                default: throw new ArgumentException($"{values[i]} is no part of a key", nameof(values));
            }
            offset += room.Length;
        }
        return bytes;
    }
}
