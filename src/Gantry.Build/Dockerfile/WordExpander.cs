using System.Text;

namespace Gantry.Build.Dockerfile;

/// <summary>
/// Replaces variables in words and takes quotes and escapes away, as a shell would: <c>$v ${v} ${v:-w} ${v-w} ${v:+w} ${v+w} ${v:?e} ${v?e} ${v#p}
/// ${v##p} ${v%p} ${v%%p} ${v/p/r} ${v//p/r}</c>.
/// </summary>
/// <param name="escape">The escape character of the file.</param>
/// <param name="lookup">Finds the value of a variable; null: it is not set.</param>
internal sealed class WordExpander(char escape, Func<string, string?> lookup)
{
    private string _text = "";
    private int _at;

    /// <summary>Quotes stay where they are: for the content of documents.</summary>
    public bool KeepQuotes { get; init; }

    /// <summary>Escapes stay where they are, but for those before <c>$</c>.</summary>
    public bool KeepEscapes { get; init; }

    /// <summary>Variables that are not set stay as they are written.</summary>
    public bool KeepUnset { get; init; }

    /// <summary>The variables that were asked for and are not set.</summary>
    public HashSet<string> Unset { get; } = [];

    /// <summary>Expands a word to one word, whatever blanks it has.</summary>
    /// <exception cref="FormatException">It is malformed, or <c>${v:?e}</c> failed.</exception>
    public string Expand(string word) => string.Concat(Run(word, splits: false));

    /// <summary>Expands a word to the words that it has at blanks without quotes.</summary>
    /// <inheritdoc cref="Expand"/>
    public List<string> ExpandToWords(string word) => Run(word, splits: true);

    private List<string> Run(string word, bool splits)
    {
        (_text, _at) = (word, 0);
        var sink = new WordSink(splits);
        Process(sink, '\0');
        return sink.Finish();
    }

    /// <summary>Reads up to an unquoted <paramref name="end"/>, which is consumed; to the end of the text when there is none.</summary>
    private void Process(WordSink sink, char end)
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == end && end != '\0')
            {
                _at++;
                return;
            }
            if (c == '\'' && !KeepQuotes)
                SingleQuoted(sink);
            else if (c == '"' && !KeepQuotes)
                DoubleQuoted(sink);
            else if (c == '$')
                sink.Add(Variable(), quoted: false);
            else if (c == escape)
                Escaped(sink);
            else
            {
                sink.Add(c);
                _at++;
            }
        }
        if (end != '\0')
            throw new FormatException($"syntax error: missing '{end}' in substitution");
    }

    private void Escaped(WordSink sink)
    {
        _at++;
        if (_at >= _text.Length)
        {
            // Nothing to escape: it stands for itself where it is kept, and for nothing elsewhere.
            if (KeepEscapes)
                sink.Quoted(escape);
            return;
        }
        if (KeepEscapes && _text[_at] != '$')
            sink.Quoted(escape);
        sink.Quoted(_text[_at++]);
    }

    private void SingleQuoted(WordSink sink)
    {
        var close = _text.IndexOf('\'', _at + 1);
        if (close < 0)
            throw new FormatException("unexpected end of statement while looking for matching single-quote");
        sink.Add(_text[(_at + 1)..close], quoted: true);
        _at = close + 1;
    }

    private void DoubleQuoted(WordSink sink)
    {
        sink.Add("", quoted: true);
        for (_at++; _at < _text.Length;)
        {
            var c = _text[_at];
            if (c == '"')
            {
                _at++;
                return;
            }
            if (c == '$')
            {
                sink.Add(Variable(), quoted: true);
                continue;
            }
            if (c == escape && _at + 1 < _text.Length && (_text[_at + 1] is '"' or '$' || _text[_at + 1] == escape))
                c = _text[++_at];
            sink.Quoted(c);
            _at++;
        }
        throw new FormatException("unexpected end of statement while looking for matching double-quote");
    }

    private string Variable()
    {
        var start = _at++;
        if (_at < _text.Length && _text[_at] == '{')
        {
            _at++;
            return Braced(start);
        }
        var name = Name();
        if (name.Length == 0)
            return "$";
        return Value(name) ?? (KeepUnset ? $"${name}" : "");
    }

    private string Name()
    {
        var start = _at;
        if (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                _at++;
            return _text[start.._at];
        }
        if (_at < _text.Length && _text[_at] is '@' or '*' or '#' or '?' or '-' or '!')
            return _text[start..++_at];
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        return _text[start.._at];
    }

    private string Braced(int start)
    {
        if (_at < _text.Length && _text[_at] is '{' or '}' or ':')
            throw new FormatException("syntax error: bad substitution");
        var name = Name();
        if (_at >= _text.Length)
            throw new FormatException("syntax error: missing '}'");
        var value = Value(name, isTested: _text[_at] != '}');
        var form = _text[_at++];
        switch (form)
        {
            case '}':
                if (value is null)
                    Unset.Add(name);
                return value ?? (KeepUnset ? _text[start.._at] : "");
            case ':' when _at < _text.Length && _text[_at] is '-' or '+' or '?':
                return Conditional(name, value is { Length: > 0 } ? value : null, value, _text[_at++], start);
            case '-' or '+' or '?':
                return Conditional(name, value, value, form, start);
            case '#' or '%':
                return Trimmed(name, value, form, start);
            case '/':
                return Replaced(name, value, start);
            default:
                throw new FormatException(form == ':' ? $"unsupported modifier ({(_at < _text.Length ? _text[_at] : '}')}) in substitution"
                    : $"unsupported modifier ({form}) in substitution");
        }
    }

    private string Conditional(string name, string? present, string? value, char form, int start)
    {
        var word = Nested('}');
        if (KeepUnset && value is null && form != '-')
            return _text[start.._at];
        return form switch
        {
            '-' => present ?? word,
            '+' => present is null ? "" : word,
            _ => present ?? throw new FormatException($"{name}: {(word.Length > 0 ? word : "is not allowed to be unset")}"),
        };
    }

    private string Trimmed(string name, string? value, char form, int start)
    {
        var longest = _at < _text.Length && _text[_at] == form;
        if (longest)
            _at++;
        var pattern = Nested('}', keepEscapes: true);
        if (value is null)
        {
            Unset.Add(name);
            return KeepUnset ? _text[start.._at] : "";
        }
        return form == '#' ? ShellPattern.TrimPrefix(value, pattern, longest, escape) : ShellPattern.TrimSuffix(value, pattern, longest, escape);
    }

    private string Replaced(string name, string? value, int start)
    {
        var all = _at < _text.Length && _text[_at] == '/';
        if (all)
            _at++;
        var pattern = Nested('/', keepEscapes: true);
        var replacement = Nested('}');
        if (value is null)
        {
            Unset.Add(name);
            return KeepUnset ? _text[start.._at] : "";
        }
        return ShellPattern.Replace(value, pattern, replacement, all, escape);
    }

    private string Nested(char end, bool keepEscapes = false)
    {
        var inner = new WordExpander(escape, lookup) { KeepQuotes = KeepQuotes, KeepUnset = KeepUnset, KeepEscapes = keepEscapes || KeepEscapes };
        (inner._text, inner._at) = (_text, _at);
        var sink = new WordSink(splits: false);
        inner.Process(sink, end);
        _at = inner._at;
        Unset.UnionWith(inner.Unset);
        return string.Concat(sink.Finish());
    }

    private string? Value(string name, bool isTested = false)
    {
        var value = lookup(name);
        if (value is null && !isTested)
            Unset.Add(name);
        return value;
    }
}

/// <summary>Gathers the words of an expansion.</summary>
internal sealed class WordSink(bool splits)
{
    private readonly List<string> _words = [];
    private readonly StringBuilder _word = new();
    private bool _isWord;

    /// <summary>A character outside of quotes.</summary>
    public void Add(char c)
    {
        if (splits && char.IsWhiteSpace(c))
        {
            End();
            return;
        }
        Quoted(c);
    }

    public void Quoted(char c)
    {
        _word.Append(c);
        _isWord = true;
    }

    public void Add(string text, bool quoted)
    {
        _isWord |= quoted;
        foreach (var c in text)
        {
            if (quoted)
                Quoted(c);
            else
                Add(c);
        }
    }

    public List<string> Finish()
    {
        End();
        return _words;
    }

    private void End()
    {
        if (_isWord)
            _words.Add(_word.ToString());
        _word.Clear();
        _isWord = false;
    }
}
