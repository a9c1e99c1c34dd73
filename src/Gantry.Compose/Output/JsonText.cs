using System.Text;
using Gantry.Compose.Values;

namespace Gantry.Compose.Output;

/// <summary>Writes values as Go's JSON encoder does, to the last escape: hashes are made of the text.</summary>
public static class JsonText
{
    /// <summary>The JSON of a value, keys in the order they have.</summary>
    /// <param name="value">The value.</param>
    /// <param name="indented">Whether it is spread over lines, by two spaces a level.</param>
    public static string Write(Value value, bool indented = false)
    {
        var text = new StringBuilder();
        Write(text, value, indented ? 0 : -1);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Value value, int level)
    {
        switch (value)
        {
            case MapValue { Count: 0 }:
                text.Append("{}");
                break;
            case MapValue map:
                var first = true;
                foreach (var (key, element) in map.Entries)
                {
                    Open(text, '{', ref first, level);
                    WriteText(text, key);
                    text.Append(level < 0 ? ":" : ": ");
                    Write(text, element, Next(level));
                }
                Close(text, '}', level);
                break;
            case ListValue { Items.Count: 0 }:
                text.Append("[]");
                break;
            case ListValue list:
                var isFirst = true;
                foreach (var item in list.Items)
                {
                    Open(text, '[', ref isFirst, level);
                    Write(text, item, Next(level));
                }
                Close(text, ']', level);
                break;
            case ScalarValue scalar:
                WriteScalar(text, scalar);
                break;
        }
    }

    private static int Next(int level) => level < 0 ? -1 : level + 1;

    private static void Open(StringBuilder text, char bracket, ref bool first, int level)
    {
        text.Append(first ? bracket : ',');
        first = false;
        if (level >= 0)
            text.Append('\n').Append(' ', (level + 1) * 2);
    }

    private static void Close(StringBuilder text, char bracket, int level)
    {
        if (level >= 0)
            text.Append('\n').Append(' ', level * 2);
        text.Append(bracket);
    }

    private static void WriteScalar(StringBuilder text, ScalarValue scalar)
    {
        switch (scalar.Kind)
        {
            case ScalarKind.Null:
                text.Append("null");
                break;
            case ScalarKind.Text:
                WriteText(text, scalar.Text);
                break;
            case ScalarKind.Float or ScalarKind.Single:
                text.Append(GoNumber.Json(scalar.Float, scalar.Kind == ScalarKind.Single));
                break;
            default:
                text.Append(scalar.Text);
                break;
        }
    }

    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        for (var at = 0; at < value.Length; at++)
        {
            var letter = value[at];
            var escaped = letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                '<' => "\\u003c",
                '>' => "\\u003e",
                '&' => "\\u0026",
                '\u2028' => "\\u2028",
                '\u2029' => "\\u2029",
                < ' ' => $"\\u{(int)letter:x4}",
                _ => null,
            };
            if (escaped is not null)
                text.Append(escaped);
            else
                text.Append(letter);
        }
        text.Append('"');
    }
}
