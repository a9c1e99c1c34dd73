using System.Globalization;
using Gantry.Oci.Values;

namespace Gantry.Cli.Flags;

/// <summary>Reads the values of flags, with the words docker's client has for wrong ones.</summary>
internal static class FlagValues
{
    /// <summary>A signed number: decimal, or with Go's prefixes <c>0x</c>, <c>0o</c>, <c>0b</c>, <c>0</c>.</summary>
    public static long ParseInt64(string text) => ParseInteger(text, long.MinValue, long.MaxValue);

    /// <summary>A whole number that fits 32 bits.</summary>
    public static long ParseInt32(string text) => ParseInteger(text, int.MinValue, int.MaxValue);

    /// <summary>A number of 16 bits without sign.</summary>
    public static long ParseUInt16(string text) =>
        text.StartsWith('-') ? throw BadSyntax("ParseUint", text) : ParseInteger(text, 0, ushort.MaxValue, "ParseUint");

    /// <summary>A number without sign.</summary>
    public static long ParseUInt63(string text) =>
        text.StartsWith('-') ? throw BadSyntax("ParseUint", text) : ParseInteger(text, 0, long.MaxValue, "ParseUint");

    /// <summary>A swap limit: a size, or -1 for none.</summary>
    public static long ParseSwap(string text) => text == "-1" ? -1 : ByteSize.Parse(text);

    /// <summary>A number of CPUs as billionths, e.g. <c>1.5</c> or <c>3/2</c>.</summary>
    public static long ParseCpus(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        const NumberStyles styles = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent;
        decimal numerator = 0, denominator = 1;
        var valid = slash < 0
            ? decimal.TryParse(text, styles, CultureInfo.InvariantCulture, out numerator)
            : decimal.TryParse(text.AsSpan(0, slash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numerator)
              && decimal.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out denominator) && denominator != 0;
        if (!valid)
            throw new FormatException($"failed to parse {text} as a rational number");
        // More than there can be is the daemon's to refuse, which knows how many there are.
        if (Math.Abs(numerator) > long.MaxValue / 1_000_000_000)
            return numerator < 0 ? long.MinValue : long.MaxValue;
        var billionths = numerator * 1_000_000_000m / denominator;
        return billionths == decimal.Truncate(billionths) ? (long)billionths : throw new FormatException("value is too precise");
    }

    /// <summary>A filter in the form <c>name=value</c>.</summary>
    public static (string Name, string Value) ParseFilter(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? throw new FormatException("bad format of filter (expected name=value)")
            : (text[..equals].Trim().ToLowerInvariant(), text[(equals + 1)..].Trim());
    }

    private static long ParseInteger(string text, long least, long most, string function = "ParseInt")
    {
        var negative = text.StartsWith('-');
        var digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        var style = NumberStyles.None;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            style = NumberStyles.AllowHexSpecifier;
        else if (digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
            style = NumberStyles.AllowBinarySpecifier;
        if (style != NumberStyles.None)
            digits = digits[2..];
        if (!Int128.TryParse(digits, style, CultureInfo.InvariantCulture, out var value))
            throw BadSyntax(function, text);
        if (negative)
            value = -value;
        return value >= least && value <= most ? (long)value : throw new FormatException($"strconv.{function}: parsing \"{text}\": value out of range");
    }

    private static FormatException BadSyntax(string function, string text) => new($"strconv.{function}: parsing \"{text}\": invalid syntax");
}
