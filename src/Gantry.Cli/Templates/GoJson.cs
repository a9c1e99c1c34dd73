using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>Writes JSON as Go's encoding/json does, whose escapes and spacing people compare and copy.</summary>
internal static class GoJson
{
    /// <summary>The compact form of a template value.</summary>
    /// <param name="value">As <see cref="TemplateMap.TryGet"/> describes.</param>
    /// <param name="escapeHtml">Whether <c>&lt; &gt; &amp;</c> are escaped: json.Marshal does, the template function <c>json</c> does not.</param>
    public static string Write(object? value, bool escapeHtml)
    {
        var text = new StringBuilder();
        Append(text, value, escapeHtml);
        return text.ToString();
    }

    /// <summary>Adds a quoted string.</summary>
    public static void AppendString(StringBuilder text, string value, bool escapeHtml)
    {
        text.Append('"');
        foreach (var character in value)
        {
            var escape = character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                '<' or '>' or '&' when escapeHtml => Unicode(character),
                < ' ' or '\u2028' or '\u2029' => Unicode(character),
                _ => null,
            };
            if (escape is null)
                text.Append(character);
            else
                text.Append(escape);
        }
        text.Append('"');
    }

    private static string Unicode(char character) => $"\\u{(int)character:x4}";

    private static void Append(StringBuilder text, object? value, bool escapeHtml)
    {
        switch (TypedValue.Unwrap(value))
        {
            case null:
                text.Append("null");
                break;
            case string word:
                AppendString(text, word, escapeHtml);
                break;
            case bool truth:
                text.Append(truth ? "true" : "false");
                break;
            case JsonTemplateMap { IsNull: true }:
                text.Append("null");
                break;
            case JsonTemplateMap json:
                Append(text, json.Element, escapeHtml);
                break;
            case JsonTemplateList json:
                Append(text, json.Element, escapeHtml);
                break;
            case PrintedTemplateValue printed:
                Append(text, printed.Element, escapeHtml);
                break;
            case TemplateMap map:
                AppendMap(text, map, escapeHtml);
                break;
            case IReadOnlyList<object?> list:
                text.Append('[');
                for (var index = 0; index < list.Count; index++)
                {
                    if (index > 0)
                        text.Append(',');
                    Append(text, list[index], escapeHtml);
                }
                text.Append(']');
                break;
            case IFormattable number:
                text.Append(number.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                AppendString(text, value?.ToString() ?? "", escapeHtml);
                break;
        }
    }

    private static void AppendMap(StringBuilder text, TemplateMap map, bool escapeHtml)
    {
        text.Append('{');
        var first = true;
        foreach (var name in map.Names)
        {
            map.TryGet(name, out var member);
            if (member is TemplateMethod)
                continue;
            if (!first)
                text.Append(',');
            first = false;
            AppendString(text, name, escapeHtml);
            text.Append(':');
            Append(text, member, escapeHtml);
        }
        text.Append('}');
    }

    private static void Append(StringBuilder text, JsonElement element, bool escapeHtml)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var first = true;
                text.Append('{');
                foreach (var member in element.EnumerateObject())
                {
                    if (!first)
                        text.Append(',');
                    first = false;
                    AppendString(text, member.Name, escapeHtml);
                    text.Append(':');
                    Append(text, member.Value, escapeHtml);
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                for (var index = 0; index < element.GetArrayLength(); index++)
                {
                    if (index > 0)
                        text.Append(',');
                    Append(text, element[index], escapeHtml);
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendString(text, element.GetString()!, escapeHtml);
                break;
            case JsonValueKind.Undefined:
                text.Append("null");
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }
}
