using System.Globalization;
using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The value of <c>--ulimit</c>: <c>name=soft[:hard]</c>.</summary>
internal static class UlimitParser
{
    /// <summary>Reads a limit; -1 is unlimited.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Ulimit Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            throw new FormatException($"invalid ulimit argument: {text}");
        var name = text[..equals];
        if (name is not ("core" or "cpu" or "data" or "fsize" or "locks" or "memlock" or "msgqueue" or "nice" or "nofile" or "nproc" or "rss" or "rtprio"
            or "rttime" or "sigpending" or "stack"))
            throw new FormatException($"invalid ulimit type: {name}");
        var parts = text[(equals + 1)..].Split(':');
        if (parts.Length > 2)
            throw new FormatException($"too many limit value arguments - {text[(equals + 1)..]}, can only have up to two, `soft[:hard]`");
        var soft = ParseLimit(parts[0]);
        var hard = parts.Length == 2 ? ParseLimit(parts[1]) : soft;
        if (hard != -1 && (soft == -1 || soft > hard))
            throw new FormatException(soft == -1
                ? $"ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: {hard}"
                : $"ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}");
        return new Ulimit { Name = name, Soft = soft, Hard = hard };
    }

    private static long ParseLimit(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new FormatException($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
}
