using System.Text;
using Gantry.Oci;

namespace Gantry.Registry.Client.Hosts;

/// <summary>
/// Reads the part of TOML 1.0 that hosts.toml files are written in: tables, bare and quoted keys with dots, strings, booleans, whole
/// numbers, arrays and comments. Everything else (dates, floats, inline tables, arrays of tables, multi-line strings) is refused with its
/// line. Values are <see cref="TomlTable"/>, <see cref="string"/>, <see cref="bool"/>, <see cref="long"/> or lists of these.
/// </summary>
internal sealed class TomlReader
{
    private readonly string _file;
    private readonly string _text;
    private int _at;

    private TomlReader(string file, string text) => (_file, _text) = (file, text);

    /// <exception cref="GantryException">The text is not in this part of TOML.</exception>
    internal static TomlTable Read(string file, string text) => new TomlReader(file, text.ReplaceLineEndings("\n")).ReadDocument();

    private TomlTable ReadDocument()
    {
        var root = new TomlTable();
        var table = root;
        while (SkipBlank(lines: true))
        {
            if (Accept('['))
            {
                if (Peek == '[')
                    throw Error("arrays of tables are not supported here");
                table = root;
                foreach (var key in ReadKey())
                    table = Descend(table, key);
                Expect(']');
            }
            else
            {
                ReadPair(table);
            }
            SkipBlank(lines: false);
            if (_at < _text.Length && Peek != '\n')
                throw Error("the line should end here");
        }
        return root;
    }

    private void ReadPair(TomlTable table)
    {
        var keys = ReadKey();
        foreach (var key in keys[..^1])
            table = Descend(table, key);
        Expect('=');
        SkipBlank(lines: false);
        if (!table.TryAdd(keys[^1], ReadValue(0)))
            throw Error($"\"{keys[^1]}\" is there twice");
    }

    private TomlTable Descend(TomlTable table, string key)
    {
        if (table[key] is null)
            table.TryAdd(key, new TomlTable());
        return table[key] as TomlTable ?? throw Error($"\"{key}\" is no table");
    }

    private List<string> ReadKey()
    {
        var keys = new List<string>();
        do
        {
            SkipBlank(lines: false);
            keys.Add(Peek is '"' or '\'' ? ReadString() : ReadBare());
            SkipBlank(lines: false);
        }
        while (Accept('.'));
        return keys;
    }

    private string ReadBare()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek) || Peek is '-' or '_')
            _at++;
        return _at > start ? _text[start.._at] : throw Error("a key or value is missing");
    }

    private object ReadValue(int depth)
    {
        if (Peek is '"' or '\'')
            return ReadString();
        if (Peek == '[')
            return ReadArray(depth);
        if (Peek == '{')
            throw Error("inline tables are not supported here");
        var start = _at;
        if (Peek is '+' or '-')
            _at++;
        ReadBare();
        var word = _text[start.._at];
        if (word is "true" or "false")
            return word == "true";
        return long.TryParse(word, System.Globalization.NumberStyles.AllowLeadingSign, null, out var number) && Peek is not ('.' or ':')
            ? number
            : throw Error($"\"{word}\" is no string, boolean, whole number or array");
    }

    private List<object> ReadArray(int depth)
    {
        if (depth > 8)
            throw Error("arrays are nested too deep");
        Expect('[');
        var values = new List<object>();
        while (SkipBlank(lines: true) && Peek != ']')
        {
            values.Add(ReadValue(depth + 1));
            SkipBlank(lines: true);
            if (!Accept(','))
                break;
        }
        Expect(']');
        return values;
    }

    private string ReadString()
    {
        var quote = _text[_at++];
        if (Peek == quote && _at + 1 < _text.Length && _text[_at + 1] == quote)
            throw Error("multi-line strings are not supported here");
        var value = new StringBuilder();
        while (Peek != quote)
        {
            if (_at >= _text.Length || Peek == '\n')
                throw Error("a string does not end");
            var c = _text[_at++];
            if (c == '\\' && quote == '"')
                ReadEscape(value);
            else
                value.Append(c);
        }
        _at++;
        return value.ToString();
    }

    private void ReadEscape(StringBuilder value)
    {
        var c = Peek;
        _at++;
        if (c is 'u' or 'U')
        {
            var length = c == 'u' ? 4 : 8;
            if (_at + length > _text.Length
                || !int.TryParse(_text.AsSpan(_at, length), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code)
                || !Rune.IsValid(code))
                throw Error("a \\u escape is malformed");
            _at += length;
            value.Append(new Rune(code));
            return;
        }
        value.Append(c switch
        {
            'b' => '\b', 't' => '\t', 'n' => '\n', 'f' => '\f', 'r' => '\r', '"' => '"', '\\' => '\\',
            _ => throw Error($"there is no escape \\{c}"),
        });
    }

    /// <summary>Skips blanks and comments; false at the end of the text.</summary>
    private bool SkipBlank(bool lines)
    {
        while (_at < _text.Length)
        {
            if (Peek == '#')
                _at = _text.IndexOf('\n', _at) is var end && end < 0 ? _text.Length : end;
            else if (Peek is ' ' or '\t' || (lines && Peek == '\n'))
                _at++;
            else
                return true;
        }
        return false;
    }

    private char Peek => _at < _text.Length ? _text[_at] : '\0';

    private bool Accept(char c)
    {
        if (Peek != c)
            return false;
        _at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Accept(c))
            throw Error($"'{c}' is missing");
    }

    private GantryException Error(string what) =>
        GantryException.Invalid($"{_file}, line {_text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1}: {what}");
}

/// <summary>A table of TOML, in the order of the file.</summary>
internal sealed class TomlTable
{
    private readonly List<KeyValuePair<string, object>> _entries = [];

    internal IReadOnlyList<KeyValuePair<string, object>> Entries => _entries;

    /// <summary>The value of a key, or null.</summary>
    internal object? this[string key] => _entries.Find(entry => entry.Key == key).Value;

    internal bool TryAdd(string key, object value)
    {
        if (this[key] is not null)
            return false;
        _entries.Add(new(key, value));
        return true;
    }
}
