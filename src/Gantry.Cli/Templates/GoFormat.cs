using System.Globalization;
using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>The verbs of Go's fmt.Sprintf that templates use: <c>%v %s %q %d %x %X %t %f %e %g %c %%</c> with flags, width and precision.</summary>
internal static class GoFormat
{
    /// <summary>Formats; what does not fit is reported in the text itself, as Go does (<c>%!d(string=x)</c>).</summary>
    public static string Format(string format, IReadOnlyList<object?> arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }
            var verb = Verb.Parse(format, ref at);
            if (verb.Letter == '%')
                text.Append('%');
            else if (verb.Letter == '\0')
                text.Append("%!(NOVERB)");
            else if (next >= arguments.Count)
                text.Append("%!").Append(verb.Letter).Append("(MISSING)");
            else
                text.Append(verb.Pad(verb.Apply(arguments[next++])));
        }
        if (next < arguments.Count)
            text.Append("%!(EXTRA ").AppendJoin(", ", arguments.Skip(next).Select(value => $"{Name(value)}={TemplateValue.PrintNested(value)}")).Append(')');
        return text.ToString();
    }

    private static string Name(object? value) => value switch
    {
        null => "<nil>",
        string => "string",
        bool => "bool",
        long => "int",
        double => "float64",
        _ => "interface {}",
    };

    private readonly record struct Verb(char Letter, bool Left, bool Zero, bool Plus, int Width, int? Precision)
    {
        public static Verb Parse(string format, ref int at)
        {
            bool left = false, zero = false, plus = false;
            for (at++; at < format.Length && format[at] is '-' or '0' or '+' or ' ' or '#'; at++)
            {
                left |= format[at] == '-';
                zero |= format[at] == '0';
                plus |= format[at] == '+';
            }
            var width = ParseNumber(format, ref at) ?? 0;
            int? precision = null;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = ParseNumber(format, ref at) ?? 0;
            }
            return new Verb(at < format.Length ? format[at] : '\0', left, zero && !left, plus, width, precision);
        }

        public string Apply(object? value) => (Letter, value) switch
        {
            ('v', _) => TemplateValue.PrintNested(value),
            ('s', string text) => Precision is { } length && length < text.Length ? text[..length] : text,
            ('s', IReadOnlyList<object?> or TemplateMap) => TemplateValue.PrintNested(value),
            ('q', string text) => GoJson.Write(text, escapeHtml: false),
            ('d', long number) => (Plus && number >= 0 ? "+" : "") + number.ToString(CultureInfo.InvariantCulture),
            ('x', long number) => number.ToString("x", CultureInfo.InvariantCulture),
            ('X', long number) => number.ToString("X", CultureInfo.InvariantCulture),
            ('x', string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
            ('c', long number) => char.ConvertFromUtf32((int)number),
            ('t', bool truth) => truth ? "true" : "false",
            ('f' or 'F', double real) => real.ToString("F" + (Precision ?? 6), CultureInfo.InvariantCulture),
            ('e', double real) => real.ToString("0." + new string('0', Precision ?? 6) + "e+00", CultureInfo.InvariantCulture),
            ('g', double real) => TemplateValue.PrintNested(real),
            _ => $"%!{Letter}({Name(value)}={TemplateValue.PrintNested(value)})",
        };

        public string Pad(string text) => text.Length >= Width ? text
            : Left ? text.PadRight(Width)
            : Zero && text[0] is '-' or '+' ? text[0] + text[1..].PadLeft(Width - 1, '0')
            : text.PadLeft(Width, Zero ? '0' : ' ');

        private static int? ParseNumber(string format, ref int at)
        {
            var start = at;
            while (at < format.Length && char.IsAsciiDigit(format[at]))
                at++;
            return int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
    }
}
