using System.Text;
using Gantry.Compose.Files;
using Gantry.Compose.Values;

namespace Gantry.Compose.Output;

/// <summary>Writes values as YAML in the style of Go's encoder: block style, two spaces a level, no folding; keys in the order they have.</summary>
internal sealed class YamlText
{
    private readonly StringBuilder _text = new();

    private YamlText()
    {
    }

    /// <summary>The YAML of a mapping.</summary>
    public static string Write(MapValue value)
    {
        var writer = new YamlText();
        if (value.Count == 0)
            writer._text.Append("{}\n");
        else
            writer.WriteMap(value, 0, firstIndented: false);
        return writer._text.ToString();
    }

    private void WriteMap(MapValue map, int indent, bool firstIndented)
    {
        var first = firstIndented;
        foreach (var (key, value) in map.Entries)
        {
            if (!first)
                _text.Append(' ', indent);
            first = false;
            YamlScalarText.Append(_text, key, indent, isKey: true);
            _text.Append(':');
            WriteAfterKey(value, indent);
        }
    }

    private void WriteAfterKey(Value value, int indent)
    {
        switch (value)
        {
            case MapValue { Count: > 0 } map:
                _text.Append('\n');
                WriteMap(map, indent + 2, firstIndented: false);
                break;
            case ListValue { Items.Count: > 0 } list:
                _text.Append('\n');
                WriteList(list, indent + 2, firstIndented: false);
                break;
            default:
                _text.Append(' ');
                WriteLeaf(value, indent);
                break;
        }
    }

    private void WriteList(ListValue list, int indent, bool firstIndented)
    {
        var first = firstIndented;
        foreach (var item in list.Items)
        {
            if (!first)
                _text.Append(' ', indent);
            first = false;
            _text.Append("- ");
            switch (item)
            {
                case MapValue { Count: > 0 } map:
                    WriteMap(map, indent + 2, firstIndented: true);
                    break;
                case ListValue { Items.Count: > 0 } inner:
                    WriteList(inner, indent + 2, firstIndented: true);
                    break;
                default:
                    WriteLeaf(item, indent);
                    break;
            }
        }
    }

    private void WriteLeaf(Value value, int indent)
    {
        switch (value)
        {
            case MapValue:
                _text.Append("{}\n");
                break;
            case ListValue:
                _text.Append("[]\n");
                break;
            case ScalarValue { Kind: ScalarKind.Null }:
                _text.Append("null\n");
                break;
            case ScalarValue { Kind: ScalarKind.Text } scalar:
                YamlScalarText.Append(_text, scalar.Text, indent, isKey: false);
                // A text in literal style ends its last line itself.
                if (_text[^1] != '\n')
                    _text.Append('\n');
                break;
            case ScalarValue { Kind: ScalarKind.Float or ScalarKind.Single } scalar:
                _text.Append(double.IsFinite(scalar.Float) ? scalar.Text : double.IsNaN(scalar.Float) ? ".nan" : scalar.Float > 0 ? ".inf" : "-.inf")
                    .Append('\n');
                break;
            default:
                _text.Append(value).Append('\n');
                break;
        }
    }
}
