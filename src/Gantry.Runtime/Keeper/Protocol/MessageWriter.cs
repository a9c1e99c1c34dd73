using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Gantry.Os;

namespace Gantry.Runtime.Keeper.Protocol;

/// <summary>Composes one frame: its header is filled in at the end.</summary>
public sealed class MessageWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly List<Fd> _descriptors = [];
    private readonly MessageType _type;
    private readonly ulong _requestId;

    /// <summary>Begins a frame.</summary>
    public MessageWriter(MessageType type, ulong requestId)
    {
        (_type, _requestId) = (type, requestId);
        _buffer.GetSpan(FrameHeader.Size)[..FrameHeader.Size].Clear();
        _buffer.Advance(FrameHeader.Size);
    }

    /// <summary>Where the payload goes.</summary>
    public IBufferWriter<byte> Payload => _buffer;

    /// <summary>The descriptors to send with it. They stay the caller's.</summary>
    public IReadOnlyList<Fd> Descriptors => _descriptors;

    /// <summary>Appends a descriptor, if there is one.</summary>
    public MessageWriter Descriptor(Fd? descriptor)
    {
        if (descriptor is not null)
            _descriptors.Add(descriptor);
        return this;
    }

    /// <summary>Appends a byte.</summary>
    public MessageWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    /// <summary>Appends a number of four bytes.</summary>
    public MessageWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    /// <summary>Appends a number of eight bytes.</summary>
    public MessageWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    /// <summary>Appends a text: its length in bytes and its UTF-8; -1 for none.</summary>
    public MessageWriter Text(string? value)
    {
        if (value is null)
            return Int32(-1);
        var length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
        return this;
    }

    /// <summary>The bytes of the whole frame.</summary>
    /// <exception cref="ArgumentException">It is longer, or has more descriptors, than the protocol allows.</exception>
    public ReadOnlyMemory<byte> Finish()
    {
        var length = _buffer.WrittenCount - FrameHeader.Size;
        if (length > KeeperProtocol.MaximumPayload)
            throw new ArgumentException($"a {_type} message of {length} bytes is longer than the {KeeperProtocol.MaximumPayload} that the keeper takes");
        if (_descriptors.Count > KeeperProtocol.MaximumDescriptors)
            throw new ArgumentException(
                $"a {_type} message with {_descriptors.Count} descriptors has more than the {KeeperProtocol.MaximumDescriptors} that one message can carry");
        var frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory);
        var header = frame.Span;
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)_type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)_descriptors.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], _requestId);
        return frame;
    }
}
