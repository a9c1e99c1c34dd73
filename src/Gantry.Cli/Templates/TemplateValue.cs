using System.Globalization;
using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>What Go says of values: how they print, which are true, how they compare.</summary>
internal static class TemplateValue
{
    /// <summary>Prints as <c>fmt.Print</c> does.</summary>
    public static string Print(object? value) => value switch
    {
        null => "<no value>",
        string text => text,
        StructureTemplateMap structure => structure.Print(),
        _ => PrintNested(value),
    };

    /// <summary>Prints as the verb <c>%v</c> does.</summary>
    public static string PrintNested(object? value)
    {
        switch (value)
        {
            case null:
                return "<nil>";
            case string text:
                return text;
            case bool truth:
                return truth ? "true" : "false";
            case double real:
                return PrintReal(real);
            case IFormattable number:
                return number.ToString(null, CultureInfo.InvariantCulture);
            case IReadOnlyList<object?> list:
                return "[" + string.Join(' ', list.Select(PrintNested)) + "]";
            case StructureTemplateMap structure:
                // Go prints where it is in memory, if it is in another value.
                return (structure.IsPointer ? "&" : "") + structure.Print();
            case TemplateMap map:
                var text2 = new StringBuilder("map[");
                foreach (var name in map.Names)
                {
                    if (text2.Length > 4)
                        text2.Append(' ');
                    map.TryGet(name, out var member);
                    text2.Append(name).Append(':').Append(PrintNested(member));
                }
                return text2.Append(']').ToString();
            default:
                return value.ToString() ?? "";
        }
    }

    /// <summary>Whether <c>if</c> takes the value for true: not zero, not empty.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        IReadOnlyList<object?> list => list.Count > 0,
        // A structure is true whatever is in it.
        StructureTemplateMap => true,
        TemplateMap map => map.Count > 0,
        PrintedTemplateValue printed => printed.IsTrue,
        _ => true,
    };

    /// <summary>Whether two basic values are equal; values of different kinds cannot be compared.</summary>
    /// <exception cref="TemplateException">They are not comparable.</exception>
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (bool a, bool b) => a == b,
        (long a, long b) => a == b,
        (double a, double b) => a.Equals(b),
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    /// <summary>Orders two basic values of one kind.</summary>
    /// <exception cref="TemplateException">They have no order.</exception>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    // Go's %v of a float64 is %g with the shortest digits, and an exponent from 1e+21 on.
    private static string PrintReal(double real)
    {
        if (Math.Abs(real) is 0 or (>= 1e-4 and < 1e21))
            return real.ToString("0.#################", CultureInfo.InvariantCulture);
        var text = real.ToString("E16", CultureInfo.InvariantCulture);
        var mantissa = text[..text.IndexOf('E', StringComparison.Ordinal)].TrimEnd('0').TrimEnd('.');
        var exponent = int.Parse(text[(text.IndexOf('E', StringComparison.Ordinal) + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }
}
