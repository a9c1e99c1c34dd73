namespace Gantry.Dns.Messages;

/// <summary>
/// Names, between their form in a message and text: labels with dots between, no dot at the end, the root being empty. Bytes of a label other than
/// printable ASCII, dots and backslashes are written as in zone files (<c>\.</c>, <c>\007</c>), so that a text stands for one name alone.
/// </summary>
public static class DnsName
{
    /// <summary>The longest name in a message, in bytes.</summary>
    public const int LongestWire = 255;

    /// <summary>Characters that the text of any name fits into.</summary>
    public const int LongestText = 4 * LongestWire;

    private const int LongestLabel = 63;
    private const byte PointerBits = 0xc0;

    /// <summary>Reads a name, following pointers, each of which must lead to before where it was found.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="offset">Where the name begins.</param>
    /// <param name="text">Receives the text in lower case; <see cref="LongestText"/> characters.</param>
    /// <param name="length">How many characters it has.</param>
    /// <param name="end">Where the name ends in the message.</param>
    /// <returns>Whether it is a name.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, int offset, Span<char> text, out int length, out int end)
    {
        (length, end) = (0, 0);
        var (wire, lowest) = (1, offset);
        while ((uint)offset < (uint)message.Length)
        {
            var size = message[offset];
            if ((size & PointerBits) == PointerBits)
            {
                if (offset + 1 >= message.Length)
                    return false;
                var target = (size & ~PointerBits) << 8 | message[offset + 1];
                end = end == 0 ? offset + 2 : end;
                // Ever further back: no loops.
                if (target >= lowest)
                    return false;
                offset = lowest = target;
                continue;
            }
            if (size == 0)
            {
                end = end == 0 ? offset + 1 : end;
                return true;
            }
            wire += size + 1;
            if (size > LongestLabel || wire > LongestWire || offset + 1 + size > message.Length)
                return false;
            if (length > 0)
                text[length++] = '.';
            foreach (var value in message.Slice(offset + 1, size))
                length += WriteByte(value, text[length..]);
            offset += 1 + size;
        }
        return false;
    }

    /// <summary>Finds where a name ends, without looking at what pointers lead to.</summary>
    /// <returns>Whether it ends within the message.</returns>
    public static bool TrySkip(ReadOnlySpan<byte> message, int offset, out int end)
    {
        end = offset;
        while ((uint)end < (uint)message.Length)
        {
            var size = message[end];
            if ((size & PointerBits) == PointerBits)
            {
                end += 2;
                return end <= message.Length;
            }
            end += 1 + size;
            if (size == 0)
                return true;
            if (size > LongestLabel)
                return false;
        }
        return false;
    }

    /// <summary>Writes a text as labels, without compression.</summary>
    /// <param name="text">A name; a dot at its end does not matter.</param>
    /// <param name="wire">Receives the labels; <see cref="LongestWire"/> bytes are always enough.</param>
    /// <returns>How many bytes it has; -1: it is no name (an empty or too long label, too long in all, an escape that is none).</returns>
    public static int Encode(ReadOnlySpan<char> text, Span<byte> wire)
    {
        Span<byte> label = stackalloc byte[LongestLabel];
        int used = 0, size = 0;
        if (text.SequenceEqual("."))
            text = [];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                if (!Flush(label[..size], wire, ref used))
                    return -1;
                size = 0;
                continue;
            }
            var value = ReadByte(text, ref i);
            if (value < 0 || size == LongestLabel)
                return -1;
            label[size++] = (byte)value;
        }
        if (size > 0 && !Flush(label[..size], wire, ref used) || used + 1 > LongestWire || used >= wire.Length)
            return -1;
        wire[used] = 0;
        return used + 1;
    }

    private static bool Flush(ReadOnlySpan<byte> label, Span<byte> wire, ref int used)
    {
        if (label.IsEmpty || used + 1 + label.Length >= LongestWire || used + 1 + label.Length > wire.Length)
            return false;
        wire[used] = (byte)label.Length;
        label.CopyTo(wire[(used + 1)..]);
        used += 1 + label.Length;
        return true;
    }

    private static int WriteByte(byte value, Span<char> text)
    {
        if (value is (byte)'.' or (byte)'\\')
        {
            (text[0], text[1]) = ('\\', (char)value);
            return 2;
        }
        if (value is > (byte)' ' and < 0x7f)
        {
            text[0] = char.ToLowerInvariant((char)value);
            return 1;
        }
        text[0] = '\\';
        (text[1], text[2], text[3]) = ((char)('0' + value / 100), (char)('0' + value / 10 % 10), (char)('0' + value % 10));
        return 4;
    }

    /// <summary>One byte of a label; -1: an escape that is none. Moves to the last character it took.</summary>
    private static int ReadByte(ReadOnlySpan<char> text, ref int index)
    {
        var character = text[index];
        if (character != '\\')
            return character <= byte.MaxValue ? character : -1;
        if (index + 1 >= text.Length)
            return -1;
        if (!char.IsAsciiDigit(text[index + 1]))
            return text[++index] <= byte.MaxValue ? text[index] : -1;
        if (index + 3 >= text.Length || !char.IsAsciiDigit(text[index + 2]) || !char.IsAsciiDigit(text[index + 3]))
            return -1;
        var value = (text[index + 1] - '0') * 100 + (text[index + 2] - '0') * 10 + (text[index + 3] - '0');
        index += 3;
        return value <= byte.MaxValue ? value : -1;
    }
}
