using System.Globalization;

namespace Gantry.Cli.Flags;

/// <summary>Durations as Go writes them: <c>1h15m30.5s</c>. Values are nanoseconds.</summary>
internal static class GoDuration
{
    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static long Parse(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest.SequenceEqual("0"))
            return 0;
        if (rest.IsEmpty)
            throw new FormatException($"time: invalid duration \"{text}\"");
        var total = 0m;
        while (!rest.IsEmpty)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
                digits++;
            if (!decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
                throw new FormatException($"time: invalid duration \"{text}\"");
            rest = rest[digits..];
            var letters = 0;
            while (letters < rest.Length && !char.IsAsciiDigit(rest[letters]) && rest[letters] != '.')
                letters++;
            if (letters == 0)
                throw new FormatException($"time: missing unit in duration \"{text}\"");
            total += amount * Unit(rest[..letters], text);
            rest = rest[letters..];
        }
        return total > long.MaxValue ? throw new FormatException($"time: invalid duration \"{text}\"") : (long)(negative ? -total : total);
    }

    private static long Unit(ReadOnlySpan<char> unit, string text) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => throw new FormatException($"time: unknown unit \"{unit}\" in duration \"{text}\""),
    };
}
