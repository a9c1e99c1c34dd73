using System.Globalization;
using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>Numbers and strings as Go's fmt and strconv write them.</summary>
internal static class GoText
{
    /// <summary>A whole number; null: the verb is none of those for one.</summary>
    public static string? Integer(long number, char verb, GoFlags flags) => verb switch
    {
        'v' or 'd' => Digits(number, 10, verb, flags),
        'b' => Digits(number, 2, verb, flags),
        'o' or 'O' => Digits(number, 8, verb, flags),
        'x' or 'X' => Digits(number, 16, verb, flags),
        'c' => flags.Pad(Character(number).ToString()),
        'q' => flags.Pad(QuoteCharacter(Character(number), flags.Plus)),
        'U' => (flags with { Zero = false }).Pad(CodePoint(number, flags)),
        _ => null,
    };

    /// <summary>A floating point number; null: the verb is none of those for one.</summary>
    public static string? Real(double number, char verb, GoFlags flags)
    {
        var text = verb switch
        {
            'v' => General(number, flags.Precision, 'e'),
            'g' => General(number, flags.Precision, 'e'),
            'G' => General(number, flags.Precision, 'E'),
            'e' or 'E' => Scientific(number, flags.Precision ?? 6, verb),
            'f' or 'F' => number.ToString("F" + (flags.Precision ?? 6).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            _ => null,
        };
        if (text is null)
            return null;
        if (text[0] != '-' && (flags.Plus || flags.Space))
            text = (flags.Plus ? '+' : ' ') + text;
        return flags.Zero && flags.Width is { } width && text.Length < width && text[0] is '-' or '+' or ' '
            ? text[0] + text[1..].PadLeft(flags.Width!.Value - 1, '0')
            : flags.Pad(text);
    }

    /// <summary>A string; null: the verb is none of those for one.</summary>
    public static string? String(string text, char verb, GoFlags flags) => verb switch
    {
        'v' when flags.AsGo => flags.Pad(Quote(text, ascii: false)),
        'v' or 's' => flags.Pad(Truncate(text, flags.Precision)),
        'q' => flags.Pad(Quoted(Truncate(text, flags.Precision), flags)),
        'x' or 'X' => flags.Pad(Hexadecimal(text, verb, flags)),
        _ => null,
    };

    /// <summary>Its first characters; null: all.</summary>
    public static string Truncate(string text, int? length) =>
        length is { } most && text.Length > most ? string.Concat(text.EnumerateRunes().Take(most).Select(static rune => rune.ToString())) : text;

    /// <summary>In double quotes, as Go's source has it (strconv.Quote).</summary>
    public static string Quote(string text, bool ascii)
    {
        var result = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            result.Append(Escape(rune, '"', ascii));
        return result.Append('"').ToString();
    }

    private static string Digits(long number, int radix, char verb, GoFlags flags)
    {
        if (flags.Precision == 0 && number == 0)
            return (flags with { Zero = false }).Pad("");
        var magnitude = number < 0 ? (ulong)-(number + 1) + 1 : (ulong)number;
        var digits = radix switch
        {
            10 => magnitude.ToString(CultureInfo.InvariantCulture),
            16 => magnitude.ToString(verb == 'X' ? "X" : "x", CultureInfo.InvariantCulture),
            2 => magnitude.ToString("b", CultureInfo.InvariantCulture),
            _ => Convert.ToString((long)magnitude, 8),
        };
        var sign = number < 0 ? "-" : flags.Plus ? "+" : flags.Space ? " " : "";
        var least = flags.Precision ?? (flags.Zero && flags.Width is { } width ? width - sign.Length : 0);
        digits = digits.PadLeft(least, '0');
        var prefix = verb switch
        {
            'O' => "0o",
            _ when !flags.Sharp => "",
            'b' => "0b",
            'o' => digits[0] == '0' ? "" : "0",
            'x' => "0x",
            'X' => "0X",
            _ => "",
        };
        return (flags with { Zero = false }).Pad(sign + prefix + digits);
    }

    private static string Scientific(double number, int precision, char letter)
    {
        var text = number.ToString("E" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var at = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..at]}{letter}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary>The shorter of both forms (<c>%g</c>): with an exponent below 1e-4, and from what the precision allows on.</summary>
    private static string General(double number, int? precision, char letter)
    {
        const int shortestDecides = 6;
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
        if (number == 0)
            return double.IsNegative(number) ? "-0" : "0";
        // Round trip gives the fewest digits that are this number and no other.
        var text = precision is { } given
            ? number.ToString("E" + (Math.Max(given, 1) - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
        var (mantissa, exponent) = Split(text);
        var decides = precision is not { } most ? shortestDecides : most > mantissa.Length && mantissa.Length > exponent ? mantissa.Length : Math.Max(most, 1);
        if (exponent < -4 || exponent >= decides)
        {
            var shown = mantissa.Length > 1 ? $"{mantissa[0]}.{mantissa[1..]}" : mantissa;
            return string.Create(CultureInfo.InvariantCulture, $"{(number < 0 ? "-" : "")}{shown}{letter}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }
        var plain = exponent < 0 ? "0." + new string('0', -exponent - 1) + mantissa
            : mantissa.Length <= exponent + 1 ? mantissa.PadRight(exponent + 1, '0')
            : mantissa[..(exponent + 1)] + "." + mantissa[(exponent + 1)..];
        return (number < 0 ? "-" : "") + plain;
    }

    /// <summary>Digits without zeros around them, and the power of ten of the first.</summary>
    private static (string Digits, int Exponent) Split(string text)
    {
        text = text.TrimStart('-');
        var at = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = at < 0 ? 0 : int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var number = at < 0 ? text : text[..at];
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var digits = number.Replace(".", "", StringComparison.Ordinal);
        exponent += (point < 0 ? number.Length : point) - 1;
        var zeros = digits.Length - digits.TrimStart('0').Length;
        return (digits.Trim('0') is { Length: > 0 } kept ? kept : "0", exponent - zeros);
    }

    private static string Quoted(string text, GoFlags flags) =>
        flags.Sharp && text.EnumerateRunes().All(static rune => rune.Value == '\t' || rune.Value is >= ' ' and not '`' and not 0x7f and not 0xfeff)
            ? $"`{text}`" : Quote(text, flags.Plus);

    private static string Hexadecimal(string text, char verb, GoFlags flags)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (flags.Precision is { } most && most < bytes.Length)
            bytes = bytes[..most];
        if (bytes.Length == 0)
            return "";
        var prefix = flags.Sharp ? "0" + verb : "";
        var each = bytes.Select(one => one.ToString(verb == 'x' ? "x2" : "X2", CultureInfo.InvariantCulture));
        return flags.Space ? string.Join(' ', each.Select(pair => prefix + pair)) : prefix + string.Concat(each);
    }

    private static Rune Character(long number) => number is >= 0 and <= 0x10ffff && Rune.IsValid((int)number) ? new Rune((int)number) : Rune.ReplacementChar;

    private static string QuoteCharacter(Rune character, bool ascii) => $"'{Escape(character, '\'', ascii)}'";

    private static string CodePoint(long number, GoFlags flags)
    {
        var text = "U+" + number.ToString("X", CultureInfo.InvariantCulture).PadLeft(Math.Max(4, flags.Precision ?? 0), '0');
        return flags.Sharp && number is >= 0 and <= 0x10ffff && Rune.IsValid((int)number) && IsPrintable(new Rune((int)number))
            ? $"{text} '{new Rune((int)number)}'" : text;
    }

    private static string Escape(Rune rune, char quote, bool ascii) => rune.Value switch
    {
        '\\' => "\\\\",
        _ when rune.Value == quote => "\\" + quote,
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        _ when IsPrintable(rune) && !(ascii && rune.Value >= 0x80) => rune.ToString(),
        < ' ' or 0x7f => $"\\x{rune.Value:x2}",
        < 0x10000 => $"\\u{rune.Value:x4}",
        _ => $"\\U{rune.Value:x8}",
    };

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
