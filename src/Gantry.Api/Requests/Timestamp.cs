using System.Globalization;
using Gantry.Oci;

namespace Gantry.Api.Requests;

/// <summary>Times in queries: seconds since 1970 with up to nine decimals, as clients send them, or RFC 3339.</summary>
internal static class Timestamp
{
    /// <summary>Reads a time; null for nothing or `0`, which mean "no limit".</summary>
    /// <exception cref="GantryException">Another form (400).</exception>
    public static DateTimeOffset? Parse(string name, string text)
    {
        if (text is "" or "0") return null;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            return FromSeconds(name, text, seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : throw Invalid(name, text);
    }

    private static DateTimeOffset FromSeconds(string name, string text, decimal seconds)
    {
        var latest = (decimal)(DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).TotalSeconds;
        if (seconds < 0 || seconds >= latest) throw Invalid(name, text);
        return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
    }

    private static GantryException Invalid(string name, string text) =>
        GantryException.Invalid($"invalid value \"{text}\" of {name}: seconds since 1970 or an RFC 3339 time is expected");
}
