using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Netlink;

/// <summary>One netlink message while it is written: header, the family's own header, attributes (netlink(7)).</summary>
public sealed class NetlinkMessage
{
    /// <summary>Size of the header that every message begins with.</summary>
    public const int HeaderSize = 16;

    private const int Alignment = 4;
    private const ushort NestedFlag = 0x8000;

    private byte[] _buffer = new byte[256];
    private int _length = HeaderSize;

    /// <summary>Begins a message.</summary>
    /// <param name="type">What is asked for, a number of the family.</param>
    /// <param name="flags">NLM_F_*; NLM_F_REQUEST is added.</param>
    public NetlinkMessage(ushort type, NetlinkFlags flags)
    {
        Flags = flags | NetlinkFlags.Request;
        MemoryMarshal.Write(_buffer.AsSpan(4), type);
    }

    /// <summary>The flags; may be added to until the message is sent.</summary>
    public NetlinkFlags Flags { get; set; }

    /// <summary>The whole message, its length and flags filled in.</summary>
    /// <param name="sequence">The number that its answers carry.</param>
    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        MemoryMarshal.Write(_buffer, (uint)_length);
        MemoryMarshal.Write(_buffer.AsSpan(6), (ushort)Flags);
        MemoryMarshal.Write(_buffer.AsSpan(8), sequence);
        return _buffer.AsSpan(0, _length);
    }

    /// <summary>Adds bytes that are no attribute: the family's header.</summary>
    public NetlinkMessage Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Grow(bytes.Length));
        return this;
    }

    /// <summary>Adds an attribute with these bytes.</summary>
    public NetlinkMessage Bytes(ushort type, ReadOnlySpan<byte> value)
    {
        var whole = Grow(4 + value.Length);
        MemoryMarshal.Write(whole, (ushort)(4 + value.Length));
        MemoryMarshal.Write(whole[2..], type);
        value.CopyTo(whole[4..]);
        return this;
    }

    /// <summary>Adds a number of eight bits.</summary>
    public NetlinkMessage Byte(ushort type, byte value) => Bytes(type, [value]);

    /// <summary>Adds a number of 32 bits in the machine's order, as rtnetlink has them.</summary>
    public NetlinkMessage Number(ushort type, uint value) => Bytes(type, MemoryMarshal.AsBytes([value]));

    /// <summary>Adds a number of 32 bits in network order, as nf_tables has them.</summary>
    public NetlinkMessage NetworkNumber(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Bytes(type, bytes);
    }

    /// <summary>Adds a number of 64 bits in network order.</summary>
    public NetlinkMessage NetworkNumber64(ushort type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Bytes(type, bytes);
    }

    /// <summary>Adds a text that ends with a zero byte.</summary>
    public NetlinkMessage Text(ushort type, string value) => Bytes(type, Encoding.UTF8.GetBytes(value + '\0'));

    /// <summary>Adds an attribute that consists of what <paramref name="content"/> adds.</summary>
    public NetlinkMessage Nest(ushort type, Action<NetlinkMessage> content)
    {
        var start = _length;
        Bytes((ushort)(type | NestedFlag), []);
        content(this);
        MemoryMarshal.Write(_buffer.AsSpan(start), (ushort)(_length - start));
        return this;
    }

    /// <summary>Room for <paramref name="count"/> bytes and the padding behind them, which is zero.</summary>
    private Span<byte> Grow(int count)
    {
        var padded = (count + Alignment - 1) & -Alignment;
        if (_length + padded > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + padded));
        var room = _buffer.AsSpan(_length, count);
        _length += padded;
        return room;
    }
}

/// <summary>Flags of a request (netlink(7)).</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>NLM_F_REQUEST: it is a request; always set.</summary>
    Request = 0x1,

    /// <summary>NLM_F_ACK: success is answered as well.</summary>
    Acknowledge = 0x4,

    /// <summary>NLM_F_DUMP: all objects.</summary>
    Dump = 0x300,

    /// <summary>NLM_F_REPLACE: an object that is there is replaced.</summary>
    Replace = 0x100,

    /// <summary>NLM_F_EXCL: it is an error if the object is there.</summary>
    Exclusive = 0x200,

    /// <summary>NLM_F_CREATE: the object is made.</summary>
    Create = 0x400,

    /// <summary>NLM_F_APPEND: at the end of the list.</summary>
    Append = 0x800,
}
