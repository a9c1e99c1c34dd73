using System.Buffers.Text;

namespace Gantry.Storage.Archives;

/// <summary>Numbers in tar headers.</summary>
internal static class TarNumber
{
    /// <summary>Octal digits padded with spaces, zeros or NULs; or, with the top bit set, a big-endian two's complement number (GNU).</summary>
    /// <exception cref="InvalidDataException">It is neither, or does not fit 64 bits.</exception>
    internal static long Parse(ReadOnlySpan<byte> field, string what)
    {
        if (field[0] >= 0x80)
            return ParseBinary(field, what);
        var digits = field.Trim(" \0"u8);
        long value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 3)
                throw new InvalidDataException($"tar header: {what} is not an octal number");
            value = value << 3 | (long)(digit - '0');
        }
        return value;
    }

    // 0x80 leads positive numbers, 0xff negative ones; bit 6 of the first byte is the sign.
    private static long ParseBinary(ReadOnlySpan<byte> field, string what)
    {
        var negative = (field[0] & 0x40) != 0;
        var value = negative ? -1L << 6 | field[0] & 0x3fL : field[0] & 0x3fL;
        foreach (var part in field[1..])
        {
            if (value is > long.MaxValue >> 8 or < long.MinValue >> 8)
                throw new InvalidDataException($"tar header: {what} does not fit 64 bits");
            value = value << 8 | part;
        }
        return value;
    }

    /// <summary>A whole decimal number, as pax records have it.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static long ParseDecimal(ReadOnlySpan<byte> text, string what)
        => Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length
            ? value
            : throw new InvalidDataException($"tar header: {what} is not a number");

    /// <summary>Writes octal digits over the whole field but its last byte, which becomes NUL; false when they do not fit.</summary>
    internal static bool TryWriteOctal(Span<byte> field, long value)
    {
        if (value < 0 || value >= 1L << Math.Min(62, 3 * (field.Length - 1)))
            return false;
        field[^1] = 0;
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
        return true;
    }
}
