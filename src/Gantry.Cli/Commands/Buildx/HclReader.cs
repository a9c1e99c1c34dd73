using System.Globalization;
using System.Text;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>
/// Reads the part of HCL that bake files are mostly made of: blocks with labels, attributes, texts, numbers, lists, objects, names of variables, comments.
/// Functions, operators, <c>for</c> and documents (<c>&lt;&lt;EOF</c>) are refused by name. A variable stands as <c>${NAME}</c> in the result.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="file">Where it is from, for messages.</param>
internal sealed class HclReader(string text, string file)
{
    private const int MostNesting = 64;
    private int _at;

    /// <summary>Reads it into <c>{kind: {label: {…}}}</c>.</summary>
    /// <exception cref="CommandException">It is malformed, or has what is not read.</exception>
    public MapValue Read()
    {
        var result = new MapValue();
        while (Peek() != '\0')
        {
            var kind = ReadName();
            if (Peek() == '=')
            {
                // An attribute of the file itself is a variable with a value.
                _at++;
                Section(result, "variable")[kind] = Default(ReadValue(0));
                continue;
            }
            if (kind is not ("target" or "group" or "variable"))
                throw Wrong($"the block \"{kind}\" is not implemented in this version of Gantry: target, group and variable are");
            var label = Peek() == '"' ? ReadText() : ReadName();
            Section(result, kind)[label] = ReadBody(0);
        }
        return result;
    }

    private static MapValue Section(MapValue map, string name)
    {
        if (map.Map(name) is { } section)
            return section;
        var made = new MapValue();
        map[name] = made;
        return made;
    }

    private static MapValue Default(Value value)
    {
        var map = new MapValue();
        map["default"] = value;
        return map;
    }

    private MapValue ReadBody(int depth)
    {
        Expect('{');
        var body = new MapValue();
        while (Peek() != '}')
        {
            var name = Peek() == '"' ? ReadText() : ReadName();
            if (Peek() is '=' or ':')
            {
                _at++;
                body[name] = ReadValue(depth + 1);
            }
            else if (Peek() == '{' && name == "validation")
            {
                // What it checks are conditions, which are expressions.
                throw Wrong("validation blocks are not implemented in this version of Gantry");
            }
            else
            {
                throw Wrong($"expected = after {name}");
            }
            if (Peek() == ',')
                _at++;
        }
        _at++;
        return body;
    }

    private Value ReadValue(int depth)
    {
        if (depth > MostNesting)
            throw Wrong($"it is nested deeper than {MostNesting}");
        Value value = Peek() switch
        {
            '"' => ScalarValue.Of(ReadText()),
            '[' => ReadList(depth),
            '{' => ReadBody(depth),
            '<' => throw Wrong("documents (<<EOF) are not implemented in this version of Gantry: write a text in quotes"),
            var first when char.IsAsciiDigit(first) || first == '-' => ReadNumber(),
            _ => ReadWord(),
        };
        return Peek() is '?' or '+' or '-' or '*' or '/' or '&' or '|' or '!' or '>' or '<' ? throw Wrong("operators are not implemented in this version of Gantry") : value;
    }

    private ListValue ReadList(int depth)
    {
        Expect('[');
        var list = new ListValue();
        while (Peek() != ']')
        {
            list.Items.Add(ReadValue(depth + 1));
            if (Peek() == ',')
                _at++;
            else if (Peek() != ']')
                throw Wrong("expected , or ] in a list");
        }
        _at++;
        return list;
    }

    private ScalarValue ReadNumber()
    {
        var start = _at++;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.'))
            _at++;
        var number = text[start.._at];
        return long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? ScalarValue.Of(whole) : ScalarValue.Of(number);
    }

    private ScalarValue ReadWord()
    {
        var name = ReadName();
        if (Peek() == '(')
            throw Wrong($"the function {name}() is not implemented in this version of Gantry");
        return name switch
        {
            "true" or "false" => ScalarValue.Of(name == "true"),
            "null" => ScalarValue.Null(),
            "for" => throw Wrong("for is not implemented in this version of Gantry"),
            _ => ScalarValue.Of($"${{{name}}}"),
        };
    }

    private string ReadText()
    {
        Expect('"');
        var result = new StringBuilder();
        for (; _at < text.Length && text[_at] != '"'; _at++)
        {
            if (text[_at] == '\n')
                throw Wrong("a text ends within its line");
            if (text[_at] != '\\')
            {
                result.Append(text[_at]);
                continue;
            }
            _at++;
            result.Append(_at >= text.Length ? throw Wrong("a text has no end") : text[_at] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '"' or '\\' => text[_at],
                var other => throw Wrong($"unknown escape \\{other}"),
            });
        }
        Expect('"');
        return result.ToString();
    }

    private string ReadName()
    {
        Peek();
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or '-' or '.'))
            _at++;
        return _at > start ? text[start.._at] : throw Wrong(_at < text.Length ? $"unexpected {text[_at]}" : "it ends too early");
    }

    private void Expect(char wanted)
    {
        if (Peek() != wanted)
            throw Wrong($"expected {wanted}");
        _at++;
    }

    /// <summary>The next character that says something; blanks and comments do not.</summary>
    private char Peek()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(text[_at]))
                _at++;
            else if (text[_at] == '#' || text.AsSpan(_at).StartsWith("//"))
                _at = text.IndexOf('\n', _at) is var end and >= 0 ? end : text.Length;
            else if (text.AsSpan(_at).StartsWith("/*"))
                _at = text.IndexOf("*/", _at, StringComparison.Ordinal) is var close and >= 0 ? close + 2 : text.Length;
            else
                return text[_at];
        }
        return '\0';
    }

    private CommandException Wrong(string message) => new($"{file}:{1 + text.AsSpan(0, Math.Min(_at, text.Length)).Count('\n')}: {message}");
}
