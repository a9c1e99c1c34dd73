using System.Globalization;

namespace Gantry.Api.Mapping;

/// <summary>Spans of time in docker's words.</summary>
internal static class HumanDuration
{
    public static string Format(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var minutes = (long)span.TotalMinutes;
        var hours = (long)(span.TotalHours + 0.5);
        var text = (seconds, minutes, hours) switch
        {
            ( < 1, _, _) => "Less than a second",
            (1, _, _) => "1 second",
            ( < 60, _, _) => $"{seconds} seconds",
            (_, 1, _) => "About a minute",
            (_, < 60, _) => $"{minutes} minutes",
            (_, _, 1) => "About an hour",
            (_, _, < 48) => $"{hours} hours",
            (_, _, < 24 * 7 * 2) => $"{hours / 24} days",
            (_, _, < 24 * 30 * 2) => $"{hours / 24 / 7} weeks",
            (_, _, < 24 * 365 * 2) => $"{hours / 24 / 30} months",
            _ => $"{(long)span.TotalHours / 24 / 365} years",
        };
        return text.ToString(CultureInfo.InvariantCulture);
    }
}
