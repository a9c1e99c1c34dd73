using System.Globalization;
using System.Text;

namespace Gantry.Compose.Model;

/// <summary>Durations as text, in Go's form with days and weeks besides.</summary>
public static class DurationText
{
    private const long Second = 1_000_000_000;

    /// <summary>A duration in nanoseconds, or null when the text is none.</summary>
    public static long? Parse(string text)
    {
        var negative = text.StartsWith('-');
        var rest = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        if (rest is "0")
            return 0;
        if (rest.IsEmpty)
            return null;
        double total = 0;
        while (!rest.IsEmpty)
        {
            var number = 0;
            while (number < rest.Length && (char.IsAsciiDigit(rest[number]) || rest[number] == '.'))
                number++;
            var unit = number;
            while (unit < rest.Length && !char.IsAsciiDigit(rest[unit]) && rest[unit] != '.')
                unit++;
            if (!double.TryParse(rest[..number], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                || Factor(rest[number..unit]) is not { } factor)
                return null;
            total += count * factor;
            rest = rest[unit..];
        }
        return (long)(negative ? -total : total);
    }

    /// <summary>The text of a duration in nanoseconds, as Go writes it: <c>1h0m30s</c>, <c>1.5s</c>, <c>500ms</c>.</summary>
    public static string Format(long nanoseconds)
    {
        if (nanoseconds == 0)
            return "0s";
        var sign = nanoseconds < 0 ? "-" : "";
        var left = Math.Abs((decimal)nanoseconds);
        if (left < Second)
        {
            var (unit, size) = left < 1_000 ? ("ns", 1m) : left < 1_000_000 ? ("µs", 1_000m) : ("ms", 1_000_000m);
            return sign + (left / size).ToString("0.#########", CultureInfo.InvariantCulture) + unit;
        }
        var text = new StringBuilder(sign);
        var minutes = decimal.Truncate(left / (60 * Second));
        var hours = decimal.Truncate(minutes / 60);
        if (hours > 0)
            text.Append(hours.ToString(CultureInfo.InvariantCulture)).Append('h');
        if (minutes > 0)
            text.Append((minutes % 60).ToString(CultureInfo.InvariantCulture)).Append('m');
        return text.Append((left % (60 * Second) / Second).ToString("0.#########", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    private static double? Factor(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => Second,
        "m" => 60d * Second,
        "h" => 3600d * Second,
        "d" => 86400d * Second,
        "w" => 7 * 86400d * Second,
        _ => null,
    };
}
