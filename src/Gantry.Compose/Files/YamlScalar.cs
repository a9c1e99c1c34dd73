using System.Globalization;
using System.Text.RegularExpressions;
using Gantry.Compose.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gantry.Compose.Files;

/// <summary>Tells which kind a scalar of a YAML file is.</summary>
internal static partial class YamlScalar
{
    /// <summary>The value of a scalar.</summary>
    public static Value Resolve(Scalar scalar, Position at)
    {
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (scalar.Style != ScalarStyle.Plain && tag is "" or "!override" || tag is "!" or "tag:yaml.org,2002:str")
            return ScalarValue.Of(scalar.Value, at);
        return ResolvePlain(scalar.Value, at);
    }

    /// <summary>The value that a text without quotes stands for.</summary>
    public static ScalarValue ResolvePlain(string text, Position at = default)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return ScalarValue.Null(at);
            case "true" or "True" or "TRUE":
                return ScalarValue.Of(true, at);
            case "false" or "False" or "FALSE":
                return ScalarValue.Of(false, at);
            case ".nan" or ".NaN" or ".NAN":
                return ScalarValue.Of(double.NaN, at);
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF":
                return ScalarValue.Of(double.PositiveInfinity, at);
            case "-.inf" or "-.Inf" or "-.INF":
                return ScalarValue.Of(double.NegativeInfinity, at);
        }
        if (text[0] is not ((>= '0' and <= '9') or '+' or '-' or '.'))
            return ScalarValue.Of(text, at);
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (ParseInteger(plain) is { } integer)
            return ScalarValue.Of(integer, at);
        return FloatPattern().IsMatch(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? ScalarValue.Of(number, at)
            : ScalarValue.Of(text, at);
    }

    /// <summary>A whole number as Go reads it with base 0: decimal, <c>0x</c>, <c>0o</c> or <c>0</c>, <c>0b</c>.</summary>
    public static long? ParseInteger(string text)
    {
        var negative = text.StartsWith('-');
        var digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        var (radix, skip) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        digits = digits[skip..];
        if (digits.Length == 0)
            return null;
        Int128 value = 0;
        foreach (var digit in digits)
        {
            var one = digit switch { >= '0' and <= '9' => digit - '0', >= 'a' and <= 'f' => digit - 'a' + 10, >= 'A' and <= 'F' => digit - 'A' + 10, _ => 99 };
            if (one >= radix || (value = value * radix + one) > ulong.MaxValue)
                return null;
        }
        value = negative ? -value : value;
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex FloatPattern();
}
