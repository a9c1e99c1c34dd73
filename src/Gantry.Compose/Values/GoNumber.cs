using System.Globalization;
using System.Text;

namespace Gantry.Compose.Values;

/// <summary>Writes floating-point numbers as Go's strconv does: the shortest digits that read back as the number.</summary>
internal static class GoNumber
{
    /// <summary>The form 'g' with the shortest precision, as YAML and <c>fmt</c> have it.</summary>
    public static string General(double value) => double.IsFinite(value) ? Format(value.ToString("R", CultureInfo.InvariantCulture), -4, 6) : NonFinite(value);

    /// <summary>The form 'g' of a number of single precision.</summary>
    public static string General(float value) => float.IsFinite(value) ? Format(value.ToString("R", CultureInfo.InvariantCulture), -4, 6) : NonFinite(value);

    /// <summary>The form that JSON has: no exponent between 1e-6 and 1e21.</summary>
    public static string Json(double value, bool single) =>
        Format(single ? ((float)value).ToString("R", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture), -6, 21, json: true);

    private static string NonFinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

    private static string Format(string shortest, int least, int most, bool json = false)
    {
        var negative = shortest.StartsWith('-');
        var (digits, point) = Digits(negative ? shortest[1..] : shortest);
        var text = new StringBuilder(negative ? "-" : "");
        var exponent = point - 1;
        if (digits == "0")
            return text.Append('0').ToString();
        if (exponent < least || exponent >= most)
        {
            text.Append(digits[0]);
            if (digits.Length > 1)
                text.Append('.').Append(digits, 1, digits.Length - 1);
            text.Append('e').Append(exponent < 0 ? '-' : '+');
            var size = Math.Abs(exponent).ToString(CultureInfo.InvariantCulture);
            // JSON's encoder drops the zero that strconv puts before a small negative exponent.
            return text.Append(size.Length < 2 && !(json && exponent < 0) ? "0" : "").Append(size).ToString();
        }
        if (point <= 0)
            return text.Append("0.").Append('0', -point).Append(digits).ToString();
        if (point >= digits.Length)
            return text.Append(digits).Append('0', point - digits.Length).ToString();
        return text.Append(digits, 0, point).Append('.').Append(digits, point, digits.Length - point).ToString();
    }

    private static (string Digits, int Point) Digits(string text)
    {
        var exponent = 0;
        var e = text.IndexOf('E', StringComparison.Ordinal);
        if (e >= 0)
        {
            exponent = int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? text : text[..dot];
        var digits = whole + (dot < 0 ? "" : text[(dot + 1)..]);
        var point = whole.Length + exponent;
        var zeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.TrimStart('0').TrimEnd('0');
        return digits.Length == 0 ? ("0", 1) : (digits, point - zeros);
    }
}
