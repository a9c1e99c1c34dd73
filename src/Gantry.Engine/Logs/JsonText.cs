using System.Globalization;
using System.Text;

namespace Gantry.Engine.Logs;

/// <summary>Takes the escapes out of a JSON string (RFC 8259, section 7).</summary>
internal static class JsonText
{
    /// <summary>
    /// Writes the text of <paramref name="escaped"/> and returns its length, which is never greater. Half of a surrogate pair becomes U+FFFD;
    /// an escape that does not exist is left as it is.
    /// </summary>
    internal static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> destination)
    {
        var length = 0;
        while (true)
        {
            var plain = escaped.IndexOf((byte)'\\');
            if (plain < 0 || plain + 1 == escaped.Length)
            {
                escaped.CopyTo(destination[length..]);
                return length + escaped.Length;
            }
            escaped[..plain].CopyTo(destination[length..]);
            length += plain;
            escaped = escaped[plain..];
            if (escaped[1] == 'u' && TryReadUnit(escaped, out var unit))
                escaped = escaped[UnescapeUnit(escaped, unit, destination, ref length)..];
            else
            {
                destination[length++] = Unescape(escaped[1]);
                escaped = escaped[2..];
            }
        }
    }

    private static byte Unescape(byte character) => character switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        _ => character,
    };

    /// <summary>Writes the character of a <c>\u</c> escape, or of two that make a surrogate pair, and returns how much of the text that was.</summary>
    private static int UnescapeUnit(ReadOnlySpan<byte> escaped, ushort unit, Span<byte> destination, ref int length)
    {
        const int one = 6;
        if (Rune.TryCreate((char)unit, out var rune))
        {
            length += rune.EncodeToUtf8(destination[length..]);
            return one;
        }
        if (TryReadUnit(escaped[one..], out var low) && Rune.TryCreate((char)unit, (char)low, out rune))
        {
            length += rune.EncodeToUtf8(destination[length..]);
            return 2 * one;
        }
        length += Rune.ReplacementChar.EncodeToUtf8(destination[length..]);
        return one;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> escaped, out ushort unit)
    {
        unit = 0;
        return escaped.Length >= 6 && escaped[0] == '\\' && escaped[1] == 'u'
            && ushort.TryParse(escaped[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out unit);
    }
}
