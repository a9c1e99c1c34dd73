using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gantry.Compose.Files;
using Gantry.Compose.Values;

namespace Gantry.Compose.Output;

/// <summary>Writes texts in YAML and chooses their style as libyaml's emitter does: plain, in quotes, or as a literal block.</summary>
internal static partial class YamlScalarText
{
    /// <summary>Writes a text.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="indent">The indentation of the line it is on.</param>
    /// <param name="isKey">Whether it is the key of a mapping.</param>
    public static void Append(StringBuilder output, string text, int indent, bool isKey)
    {
        var analysis = TextAnalysis.Of(text);
        if (text.Contains('\n', StringComparison.Ordinal))
        {
            if (analysis.BlockAllowed && !isKey)
                AppendLiteral(output, text, indent + 2);
            else
                AppendDoubleQuoted(output, text);
        }
        else if (!StaysText(text))
            AppendDoubleQuoted(output, text);
        else if (analysis.PlainAllowed)
            output.Append(text);
        else if (analysis.SingleQuotedAllowed)
            output.Append('\'').Append(text.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
        else
            AppendDoubleQuoted(output, text);
    }

    // Whether the text would be read as a text again when it has no quotes, also by readers of YAML 1.1.
    private static bool StaysText(string text) =>
        YamlScalar.ResolvePlain(text).Kind == ScalarKind.Text && !IsOldBoolean(text)
        && !(text[0] is '+' or '-' or (>= '0' and <= '9') && (Base60().IsMatch(text) || Timestamp().IsMatch(text) || Binary().IsMatch(text)));

    private static bool IsOldBoolean(string text) => text is "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON"
        or "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF";

    private static void AppendLiteral(StringBuilder output, string text, int indent)
    {
        output.Append('|');
        if (text[0] is ' ' or '\n')
            output.Append('2');
        if (text[^1] != '\n')
            output.Append('-');
        else if (text.Length == 1 || text[^2] == '\n')
            output.Append('+');
        output.Append('\n');
        var lines = text.Split('\n');
        for (var line = 0; line < lines.Length; line++)
        {
            // What follows the last line's end is no line.
            if (line == lines.Length - 1 && lines[line].Length == 0)
                break;
            if (lines[line].Length > 0)
                output.Append(' ', indent).Append(lines[line]);
            output.Append('\n');
        }
    }

    private static void AppendDoubleQuoted(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            var escaped = rune.Value switch
            {
                0 => "\\0",
                7 => "\\a",
                8 => "\\b",
                9 => "\\t",
                10 => "\\n",
                11 => "\\v",
                12 => "\\f",
                13 => "\\r",
                27 => "\\e",
                '"' => "\\\"",
                '\\' => "\\\\",
                0x85 => "\\N",
                0xA0 => "\\_",
                0x2028 => "\\L",
                0x2029 => "\\P",
                var value when TextAnalysis.IsPrintable(value) => null,
                <= 0xFF => $"\\x{rune.Value:X2}",
                <= 0xFFFF => $"\\u{rune.Value:X4}",
                _ => $"\\U{rune.Value:X8}",
            };
            output.Append(escaped ?? rune.ToString());
        }
        output.Append('"');
    }

    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$")]
    private static partial Regex Base60();

    [GeneratedRegex(@"^\d{4}-\d{1,2}-\d{1,2}([Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2})| \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?)?$")]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"^-?0[bo][0-7_]+$")]
    private static partial Regex Binary();
}
