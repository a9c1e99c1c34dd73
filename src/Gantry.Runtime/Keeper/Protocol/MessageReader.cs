using System.Buffers.Binary;
using System.Text;

namespace Gantry.Runtime.Keeper.Protocol;

/// <summary>Reads a payload from its start, checking every length.</summary>
/// <param name="payload">The payload.</param>
public ref struct MessageReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Reads a byte.</summary>
    /// <exception cref="InvalidDataException">The payload ends before.</exception>
    public byte Byte() => Take(1)[0];

    /// <summary>Reads a number of four bytes.</summary>
    /// <exception cref="InvalidDataException">The payload ends before.</exception>
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>Reads a number of eight bytes.</summary>
    /// <exception cref="InvalidDataException">The payload ends before.</exception>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>Reads a text; null: there is none.</summary>
    /// <exception cref="InvalidDataException">The payload ends before.</exception>
    public string? OptionalText() => Int32() is var length && length == -1 ? null : Encoding.UTF8.GetString(Take(length));

    /// <summary>Reads a text.</summary>
    /// <exception cref="InvalidDataException">There is none, or the payload ends before.</exception>
    public string Text() => OptionalText() ?? throw new InvalidDataException("a text is missing in a message");

    /// <summary>Makes sure that nothing is left.</summary>
    /// <exception cref="InvalidDataException">Something is.</exception>
    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new InvalidDataException($"{_rest.Length} bytes too many in a message");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
            throw new InvalidDataException("a message is cut off");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
