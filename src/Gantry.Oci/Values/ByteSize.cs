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
        // As in go-units: the unit begins behind the last digit, dot or space; one space is no part of the number, so that "5 GB" is one and "5  GB" is none.
        var last = text.AsSpan().LastIndexOfAny("0123456789. ");
        var number = last >= 0 && text[last] == ' ' ? text.AsSpan(0, last) : text.AsSpan(0, last + 1);
        var unit = text.AsSpan(last + 1);
        const NumberStyles styles = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign;
        if (!double.TryParse(number, styles, CultureInfo.InvariantCulture, out var size) || size < 0)
            throw new FormatException($"invalid size: '{text}'");
        var bytes = size * (Factor(unit.ToString().ToLowerInvariant()) ?? throw new FormatException($"invalid suffix: '{unit}'"));
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
