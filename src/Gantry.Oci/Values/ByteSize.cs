using System.Globalization;

namespace Gantry.Oci.Values;

/// <summary>Sizes as docker's clients write them: a number and perhaps one of <c>b k m g t p</c>, by 1024, with <c>B</c> or <c>iB</c> behind it.</summary>
public static class ByteSize
{
    /// <summary>Reads one, such as <c>64m</c>, <c>1.5GiB</c> or <c>1024</c>.</summary>
    /// <returns>Bytes.</returns>
    /// <exception cref="FormatException">It is none; the text is docker's.</exception>
    public static long Parse(string text)
    {
        var end = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        // A dot or a space may follow the digits: "5. GB" is no number, "5 GB" is.
        var unit = text.AsSpan(end);
        if (end == 0 || unit.StartsWith(".")
            || !double.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
            throw new FormatException($"invalid size: '{text}'");
        if (unit.StartsWith(" "))
            unit = unit[1..];
        var bytes = number * (Factor(unit.ToString().ToLowerInvariant()) ?? throw new FormatException($"invalid suffix: '{unit}'"));
        return bytes < long.MaxValue ? (long)bytes : throw new FormatException($"invalid size: '{text}'");
    }

    private static double? Factor(string unit) => unit switch
    {
        "" or "b" => 1,
        "k" or "kb" or "kib" => 1L << 10,
        "m" or "mb" or "mib" => 1L << 20,
        "g" or "gb" or "gib" => 1L << 30,
        "t" or "tb" or "tib" => 1L << 40,
        "p" or "pb" or "pib" => 1L << 50,
        _ => null,
    };
}
