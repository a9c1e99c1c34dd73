using System.Globalization;

namespace Gantry.Oci.Filters;

/// <summary>Points in time and durations as docker's filters and options take them.</summary>
public static class FilterTime
{
    private static readonly string[] LocalForms = [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH", "yyyy-MM-dd"];

    /// <summary>A point in time: a duration before <paramref name="now"/> (<c>1h30m</c>), RFC 3339 in full or in part, or seconds since 1970.</summary>
    /// <exception cref="GantryException">The text is none of these.</exception>
    public static DateTimeOffset Parse(string text, DateTimeOffset now)
    {
        if (TryParseDuration(text, out var ago))
            return now - ago;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            && Math.Abs(seconds) < 100_000_000_000)
            return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        if (DateTimeOffset.TryParseExact(text.TrimEnd('Z'), LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var utc))
            return utc;
        if (text.Contains('T') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        throw GantryException.Invalid($"failed to parse value as time or duration: \"{text}\"");
    }

    /// <summary>A duration as Go writes it: numbers with the units <c>h m s ms us µs ns</c>, e.g. <c>1h30m</c>, <c>1.5s</c>, <c>-2m</c>; <c>0</c>.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TryParseNanoseconds(text, out var nanoseconds))
            return false;
        duration = TimeSpan.FromTicks(nanoseconds / 100);
        return true;
    }

    /// <summary>As <see cref="TryParseDuration"/>, in nanoseconds, as docker's API has them.</summary>
    public static bool TryParseNanoseconds(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest.SequenceEqual("0"))
            return true;
        if (rest.IsEmpty)
            return false;
        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || digits > 20
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var length = rest.IndexOfAny("0123456789.");
            var unit = length < 0 ? rest : rest[..length];
            var factor = Unit(unit);
            if (factor == 0)
                return false;
            total += number * factor;
            if (total > long.MaxValue)
                return false;
            rest = rest[unit.Length..];
        }
        nanoseconds = (long)(negative ? -total : total);
        return true;
    }

    private static long Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 0,
    };
}
