using System.Globalization;
using System.Text;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>1.5s</c>.</summary>
internal static class GoTime
{
    private static readonly (string Unit, long Nanoseconds)[] s_units =
        [("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000)];

    /// <summary>Nanoseconds; null: the text is no duration.</summary>
    public static long? Parse(string text)
    {
        if (text == "0")
            return 0;
        var rest = text.AsSpan().TrimStart('-');
        decimal total = 0;
        if (rest.IsEmpty)
            return null;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExcept("0123456789.");
            if (length <= 0 || !decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return null;
            rest = rest[length..];
            var end = rest.IndexOfAny("0123456789.");
            var unit = (end < 0 ? rest : rest[..end]).ToString();
            var factor = s_units.FirstOrDefault(candidate => candidate.Unit == unit).Nanoseconds;
            if (factor == 0)
                return null;
            total += number * factor;
            rest = rest[unit.Length..];
        }
        return total > long.MaxValue ? null : (long)(text.StartsWith('-') ? -total : total);
    }

    /// <summary>As Go prints it.</summary>
    public static string Format(long nanoseconds)
    {
        if (nanoseconds == 0)
            return "0s";
        if (nanoseconds < 1_000_000_000)
            return nanoseconds % 1_000_000 == 0 ? $"{nanoseconds / 1_000_000}ms" : $"{nanoseconds / 1000}µs";
        var text = new StringBuilder();
        var hours = nanoseconds / 3_600_000_000_000;
        var minutes = nanoseconds / 60_000_000_000 % 60;
        if (hours > 0)
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (hours > 0 || minutes > 0)
            text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        return text.Append(CultureInfo.InvariantCulture, $"{nanoseconds % 60_000_000_000 / 1_000_000_000m:0.#########}s").ToString();
    }
}
