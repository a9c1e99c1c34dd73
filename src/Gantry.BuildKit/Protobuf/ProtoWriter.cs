using System.Buffers;
using System.Text;

namespace Gantry.BuildKit.Protobuf;

/// <summary>A message that can be sent.</summary>
internal interface IProtoMessage
{
    /// <summary>Writes all fields.</summary>
    void Write(ProtoWriter writer);
}

/// <summary>Writes a message of protocol buffers (proto3). Fields with the default value are left out, as proto3 does.</summary>
internal sealed class ProtoWriter
{
    private const int VarintKind = 0;
    private const int LengthKind = 2;
    private readonly ArrayBufferWriter<byte> _output = new(256);

    /// <summary>The bytes written so far.</summary>
    public ReadOnlyMemory<byte> Written => _output.WrittenMemory;

    /// <summary>The bytes of a whole message.</summary>
    public static ReadOnlyMemory<byte> Encode(IProtoMessage message)
    {
        var writer = new ProtoWriter();
        message.Write(writer);
        return writer.Written;
    }

    public ProtoWriter Number(int field, long value)
    {
        if (value != 0)
        {
            Varint(((ulong)field << 3) | VarintKind);
            Varint((ulong)value);
        }
        return this;
    }

    public ProtoWriter Flag(int field, bool value) => Number(field, value ? 1 : 0);

    public ProtoWriter Text(int field, string? value) => string.IsNullOrEmpty(value) ? this : Block(field, Encoding.UTF8.GetBytes(value));

    public ProtoWriter Texts(int field, IEnumerable<string>? values)
    {
        foreach (var value in values ?? [])
            Block(field, Encoding.UTF8.GetBytes(value));
        return this;
    }

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value) => value.IsEmpty ? this : Block(field, value);

    /// <summary>A message within this one; null: none.</summary>
    public ProtoWriter Message(int field, IProtoMessage? value) => value is null ? this : Block(field, Encode(value).Span);

    public ProtoWriter Messages(int field, IEnumerable<IProtoMessage>? values)
    {
        foreach (var value in values ?? [])
            Message(field, value);
        return this;
    }

    /// <summary>A map of texts.</summary>
    public ProtoWriter Map(int field, IEnumerable<KeyValuePair<string, string>>? values)
    {
        foreach (var (key, value) in values ?? [])
            Block(field, new ProtoWriter().Text(1, key).Text(2, value).Written.Span);
        return this;
    }

    /// <summary>A map of texts to bytes.</summary>
    public ProtoWriter Map(int field, IEnumerable<KeyValuePair<string, byte[]>>? values)
    {
        foreach (var (key, value) in values ?? [])
            Block(field, new ProtoWriter().Text(1, key).Bytes(2, value).Written.Span);
        return this;
    }

    /// <summary>A map of texts to messages.</summary>
    public ProtoWriter Map<T>(int field, IEnumerable<KeyValuePair<string, T>>? values)
        where T : IProtoMessage
    {
        foreach (var (key, value) in values ?? [])
            Block(field, new ProtoWriter().Text(1, key).Message(2, value).Written.Span);
        return this;
    }

    /// <summary>A <c>google.protobuf.Timestamp</c>; null: none.</summary>
    public ProtoWriter Time(int field, DateTimeOffset? value)
    {
        if (value is not { } time)
            return this;
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        return Block(field, new ProtoWriter().Number(1, seconds).Number(2, rest * TimeSpan.NanosecondsPerTick).Written.Span);
    }

    /// <summary>A field with a length, even if it is empty.</summary>
    public ProtoWriter Block(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | LengthKind);
        Varint((ulong)value.Length);
        _output.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        var span = _output.GetSpan(10);
        var count = 0;
        for (; value >= 0x80; value >>= 7)
            span[count++] = (byte)(value | 0x80);
        span[count++] = (byte)value;
        _output.Advance(count);
    }
}
