using System.Globalization;

namespace Gantry.Cli.Session;

/// <summary>Times as <c>--since</c> and <c>--until</c> take them, and as lines show them.</summary>
internal static class Timestamps
{
    /// <summary>
    /// Turns a time into seconds of Unix time: a duration (<c>10m</c>: so long ago), a date or time in RFC 3339 or a part of it (local time
    /// without a zone), or seconds as they are. Empty stays empty.
    /// </summary>
    /// <exception cref="CommandException">It is none of these.</exception>
    public static string Parse(string text)
    {
        if (text.Length == 0)
            return "";
        if (IsUnixTime(text))
            return text;
        try
        {
            var ago = Flags.GoDuration.Parse(text);
            return FormatUnix(DateTimeOffset.UtcNow.AddTicks(-(ago / 100)));
        }
        catch (FormatException)
        {
            // No duration: it has to be a date.
        }
        string[] formats =
        [
            "yyyy-MM-dd", "yyyy-MM-ddTHH", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss.FFFFFFF",
            "yyyy-MM-ddK", "yyyy-MM-ddTHHK", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK",
        ];
        // The fraction may have nine digits, of which .NET holds seven.
        var shortened = ShortenFraction(text);
        return DateTimeOffset.TryParseExact(shortened, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? FormatUnix(time)
            : throw new CommandException($"failed to parse value as time or duration: \"{text}\"");
    }

    /// <summary>Nanoseconds of Unix time in RFC 3339 with all nine digits, in the local zone.</summary>
    public static string FormatNanoseconds(long nanoseconds)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(nanoseconds / 1_000_000_000).ToLocalTime();
        var zone = time.Offset == TimeSpan.Zero ? "Z" : time.ToString("zzz", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss}.{nanoseconds % 1_000_000_000:000000000}{zone}");
    }

    private static bool IsUnixTime(string text)
    {
        foreach (var letter in text)
            if (!char.IsAsciiDigit(letter) && letter != '.')
                return false;
        return true;
    }

    private static string FormatUnix(DateTimeOffset time)
    {
        var ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / TimeSpan.TicksPerSecond}.{ticks % TimeSpan.TicksPerSecond:0000000}00");
    }

    private static string ShortenFraction(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            return text;
        var end = dot + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - dot > 8 ? text[..(dot + 8)] + text[end..] : text;
    }
}
