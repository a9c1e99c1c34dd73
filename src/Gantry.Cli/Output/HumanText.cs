using System.Globalization;

namespace Gantry.Cli.Output;

/// <summary>Sizes, durations and names in the words docker has for them.</summary>
internal static class HumanText
{
    /// <summary>A size with decimal units, e.g. <c>2.07MB</c>.</summary>
    /// <param name="bytes">The size.</param>
    /// <param name="digits">Significant digits.</param>
    public static string Size(double bytes, int digits = 4) =>
        Scale(bytes, 1000, digits, ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]);

    /// <summary>A size with binary units, e.g. <c>23.59GiB</c>.</summary>
    public static string BinarySize(double bytes) => Scale(bytes, 1024, 4, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]);

    /// <summary>About how long, e.g. <c>11 minutes</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        var minutes = (long)duration.TotalMinutes;
        var hours = (long)(duration.TotalHours + 0.5);
        if (seconds < 1)
            return "Less than a second";
        if (seconds == 1)
            return "1 second";
        if (seconds < 60)
            return $"{seconds} seconds";
        if (minutes == 1)
            return "About a minute";
        if (minutes < 60)
            return $"{minutes} minutes";
        if (hours == 1)
            return "About an hour";
        if (hours < 48)
            return $"{hours} hours";
        if (hours < 24 * 7 * 2)
            return $"{hours / 24} days";
        if (hours < 24 * 30 * 2)
            return $"{hours / 24 / 7} weeks";
        if (hours < 24 * 365 * 2)
            return $"{hours / 24 / 30} months";
        return $"{(long)duration.TotalHours / 24 / 365} years";
    }

    /// <summary>How long ago, e.g. <c>11 minutes ago</c>.</summary>
    public static string Ago(DateTimeOffset time) => Duration(DateTimeOffset.UtcNow - time) + " ago";

    /// <summary>A time as Go's Time.String prints it in UTC.</summary>
    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + " +0000 UTC";

    /// <summary>The first twelve digits of an ID, without the name of its hash.</summary>
    public static string ShortId(string id) => ShortIdOf(id).ToString();

    /// <summary>As <see cref="ShortId"/>, without a copy.</summary>
    public static ReadOnlySpan<char> ShortIdOf(string id)
    {
        var digits = id.AsSpan(id.IndexOf(':', StringComparison.Ordinal) + 1);
        return digits[..Math.Min(12, digits.Length)];
    }

    /// <summary>At most <paramref name="length"/> characters, the last one an ellipsis when something was cut off.</summary>
    public static string Ellipsis(string text, int length) =>
        length <= 0 ? "" : text.Length <= length ? text : length == 1 ? text[..1] : text[..(length - 1)] + "…";

    private static string Scale(double size, double step, int digits, string[] units)
    {
        var unit = 0;
        for (; size >= step && unit < units.Length - 1; unit++)
            size /= step;
        return size.ToString("G" + digits, CultureInfo.InvariantCulture).Replace("E+0", "e+0", StringComparison.Ordinal) + units[unit];
    }
}
