using System.Globalization;

namespace Gantry.Oci.Runtime;

/// <summary>Signals by name or number (signal(7)), as users write them: <c>HUP</c>, <c>SIGHUP</c>, <c>1</c>, <c>RTMIN+3</c>.</summary>
public static class SignalNames
{
    private const int RealTimeMinimum = 34;
    private const int RealTimeMaximum = 64;

    private static readonly string[] s_names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The number of a signal.</summary>
    /// <exception cref="GantryException">There is no such signal (InvalidArgument).</exception>
    public static int Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number is > 0 and <= RealTimeMaximum ? number
                : number == 0 ? throw Unknown(text) : throw GantryException.Invalid($"the linux daemon does not support signal {number}");
        }

        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
            name = name[3..];
        if (name.Length == 0)
            throw Unknown(text);
        if (Array.IndexOf(s_names, name) is > 0 and var index)
            return index;
        return name switch
        {
            "CLD" => 17,
            "POLL" => 29,
            "IOT" => 6,
            "RTMIN" => RealTimeMinimum,
            "RTMAX" => RealTimeMaximum,
            _ when Offset(name, "RTMIN+") is { } up and <= 30 => RealTimeMinimum + up,
            _ when Offset(name, "RTMAX-") is { } down and <= 30 => RealTimeMaximum - down,
            _ => throw Unknown(text),
        };
    }

    private static int? Offset(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : null;

    private static GantryException Unknown(string text) => GantryException.Invalid($"invalid signal: {text}");
}
