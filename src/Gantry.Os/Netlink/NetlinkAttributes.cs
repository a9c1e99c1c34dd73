using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Netlink;

/// <summary>The attributes of a received message, read one after the other. What does not fit ends the reading.</summary>
/// <param name="bytes">The attributes.</param>
public ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private const ushort TypeMask = 0x3fff;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The current attribute's type, without the flags for nesting and byte order.</summary>
    public ushort Type { get; private set; }

    /// <summary>The current attribute's value.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The value as a number in the machine's order; 0 if it is shorter.</summary>
    public readonly uint Number => Value.Length >= 4 ? MemoryMarshal.Read<uint>(Value) : 0;

    /// <summary>The value as a number in network order; 0 if it is shorter.</summary>
    public readonly uint NetworkNumber => Value.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(Value) : 0;

    /// <summary>The value as a number of 64 bits in network order; 0 if it is shorter.</summary>
    public readonly ulong NetworkNumber64 => Value.Length >= 8 ? BinaryPrimitives.ReadUInt64BigEndian(Value) : 0;

    /// <summary>The value as text, without the zero byte.</summary>
    public readonly string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    /// <summary>The attributes nested in the value.</summary>
    public readonly NetlinkAttributes Nested => new(Value);

    /// <summary>Goes to the next attribute.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Read()
    {
        if (_rest.Length < 4)
            return false;
        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length)
            return false;
        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        Value = _rest[4..length];
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }
}
