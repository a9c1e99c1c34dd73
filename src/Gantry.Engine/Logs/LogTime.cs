using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Gantry.Engine.Logs;

/// <summary>The times of a log: RFC 3339 in UTC with up to nine digits of a second, as nanoseconds since 1970.</summary>
internal static class LogTime
{
    /// <summary>The length of <see cref="TryFormatFixed(long, Span{byte})"/>'s form, <c>2026-01-01T00:00:00.123456789Z</c>.</summary>
    internal const int FixedLength = 30;

    private const int SecondsLength = 19;
    private const long Nanoseconds = 1_000_000_000;

    internal static long Of(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Reads a time of a log line.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length <= SecondsLength || text[^1] != 'Z' || text[10] != 'T')
            return TryParseOther(text, out nanoseconds);
        if (!Utf8Parser.TryParse(text[..4], out int year, out _) || !TwoDigits(text[5..], out var month) || !TwoDigits(text[8..], out var day)
            || !TwoDigits(text[11..], out var hour) || !TwoDigits(text[14..], out var minute) || !TwoDigits(text[17..], out var second)
            || year is < 1970 or > 2262 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        long fraction = 0;
        var unit = Nanoseconds;
        foreach (var digit in text[SecondsLength..^1].TrimStart((byte)'.'))
        {
            if (digit is < (byte)'0' or > (byte)'9' || unit == 1)
                return false;
            fraction += (digit - '0') * (unit /= 10);
        }
        var days = (new DateTime(year, month, day).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerDay;
        nanoseconds = (((days * 24 + hour) * 60 + minute) * 60 + second) * Nanoseconds + fraction;
        return true;
    }

    /// <summary>Writes the time of a log line with all nine digits, as docker shows it. Returns false for another form than <c>...Z</c>.</summary>
    internal static bool TryFormatFixed(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        if (text.Length is <= SecondsLength or > FixedLength || text[^1] != 'Z')
            return false;
        destination[..FixedLength].Fill((byte)'0');
        text[..^1].CopyTo(destination);
        destination[SecondsLength] = (byte)'.';
        destination[FixedLength - 1] = (byte)'Z';
        return true;
    }

    /// <summary>The same of a time in nanoseconds since 1970.</summary>
    internal static bool TryFormatFixed(long nanoseconds, Span<byte> destination)
    {
        var time = DateTime.UnixEpoch.AddTicks(nanoseconds / 100);
        if (!Utf8Formatter.TryFormat(time, destination, out _, 'O'))
            return false;
        // "2026-01-01T00:00:00.1234567Z": two more digits come behind the seven.
        destination[FixedLength - 3] = (byte)('0' + nanoseconds % 100 / 10);
        destination[FixedLength - 2] = (byte)('0' + nanoseconds % 10);
        destination[FixedLength - 1] = (byte)'Z';
        return true;
    }

    // Written by another program, with an offset from UTC.
    private static bool TryParseOther(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        var read = DateTimeOffset.TryParse(Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        nanoseconds = read ? Of(time) : 0;
        return read;
    }

    private static bool TwoDigits(ReadOnlySpan<byte> text, out int number)
    {
        number = (text[0] - '0') * 10 + (text[1] - '0');
        return (uint)(text[0] - '0') < 10 && (uint)(text[1] - '0') < 10;
    }
}
