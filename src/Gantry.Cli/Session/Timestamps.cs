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
        // The fraction may have nine digits, of which .NET holds seven: the others are carried past it, so that a line's own time finds the line.
        var (shortened, beyond) = SplitFraction(text);
        return DateTimeOffset.TryParseExact(shortened, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? FormatUnix(time, beyond)
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

    private static string FormatUnix(DateTimeOffset time, string beyond = "")
    {
        var ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        return string.Create(CultureInfo.InvariantCulture,
            $"{ticks / TimeSpan.TicksPerSecond}.{ticks % TimeSpan.TicksPerSecond:0000000}{beyond.PadRight(2, '0')}");
    }

    /// <summary>The text with at most seven digits of a second's fraction, and the two digits after them.</summary>
    private static (string Shortened, string Beyond) SplitFraction(string text)
    {
        const int held = 7, all = 9;
        var first = text.IndexOf('.', StringComparison.Ordinal) + 1;
        if (first == 0)
            return (text, "");
        var end = first;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - first > held ? (text[..(first + held)] + text[end..], text[(first + held)..Math.Min(end, first + all)]) : (text, "");
    }
}
