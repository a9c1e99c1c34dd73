using System.Text;

namespace Gantry.BuildKit.Protobuf;

/// <summary>Reads a message of protocol buffers (proto3), field by field, without copying.</summary>
/// <param name="input">The message.</param>
internal ref struct ProtoReader(ReadOnlySpan<byte> input)
{
    private const int MostVarintBits = 64;
    private ReadOnlySpan<byte> _rest = input;
    private int _wire;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The message is malformed.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
            return false;
        var tag = ReadVarint();
        (Field, _wire) = ((int)(tag >> 3), (int)(tag & 7));
        return Field > 0 ? true : throw new InvalidDataException("a protobuf field has the number 0");
    }

    /// <summary>The field as a number.</summary>
    public long Number() => _wire switch
    {
        0 => (long)ReadVarint(),
        1 => BitConverter.ToInt64(Take(8)),
        5 => BitConverter.ToInt32(Take(4)),
        _ => throw new InvalidDataException($"the protobuf field {Field} is no number"),
    };

    /// <summary>The field as numbers: one, or several that are packed.</summary>
    public List<long> Numbers()
    {
        if (_wire != 2)
            return [Number()];
        var packed = new ProtoReader(Bytes());
        var numbers = new List<long>();
        while (!packed._rest.IsEmpty)
            numbers.Add((long)packed.ReadVarint());
        return numbers;
    }

    /// <summary>The field as a truth value.</summary>
    public bool Flag() => Number() != 0;

    /// <summary>The field as bytes: a text, a message, or bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => _wire == 2 ? Take(ReadVarint()) : throw new InvalidDataException($"the protobuf field {Field} is a number");

    /// <summary>The field as a text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>The field as an entry of a map with texts as keys.</summary>
    public (string Key, byte[] Value) Entry()
    {
        var reader = new ProtoReader(Bytes());
        var (key, value) = ("", Array.Empty<byte>());
        while (reader.Next())
        {
            if (reader.Field == 1)
                key = reader.Text();
            else if (reader is { Field: 2, _wire: 2 })
                value = reader.Bytes().ToArray();
            else
                reader.Skip();
        }
        return (key, value);
    }

    /// <summary>The field as an entry of a map of texts.</summary>
    public (string Key, string Value) TextEntry()
    {
        var (key, value) = Entry();
        return (key, Encoding.UTF8.GetString(value));
    }

    /// <summary>Leaves the field out.</summary>
    public void Skip()
    {
        switch (_wire)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Take(ReadVarint());
                break;
            case 5:
                Take(4);
                break;
            default:
                throw new InvalidDataException($"the protobuf field {Field} has the unknown kind {_wire}");
        }
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < MostVarintBits; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("a protobuf number is too long");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
            throw new InvalidDataException("a protobuf message ends within a field");
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
