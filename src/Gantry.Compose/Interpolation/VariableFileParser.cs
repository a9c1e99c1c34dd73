using System.Text;

namespace Gantry.Compose.Interpolation;

/// <summary>
/// Reads files of variables in the form of <c>.env</c>: <c>KEY=value</c> or <c>KEY: value</c>, <c>export</c> before it, comments, values in
/// single quotes (as they are) or double quotes (with escapes and variables), over several lines if need be. A key alone is taken from outside.
/// </summary>
internal sealed class VariableFileParser
{
    private readonly string _text;
    private readonly IDictionary<string, string> _output;
    private readonly Lookup _lookup;
    private readonly Template _template;
    private int _at;
    private int _line = 1;

    private VariableFileParser(string text, IDictionary<string, string> output, Lookup lookup, Action<string>? warn)
    {
        _text = text.StartsWith('\uFEFF') ? text[1..] : text;
        _output = output;
        _lookup = lookup;
        _template = new Template(name => lookup(name) ?? (output.TryGetValue(name, out var value) ? value : null),
            warn is null ? null : name => warn($"The \"{name}\" variable is not set. Defaulting to a blank string."));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="output">Takes the variables; those it has already can be used in values.</param>
    /// <param name="lookup">Variables from outside, which win in values.</param>
    /// <param name="warn">Takes messages for the user.</param>
    /// <exception cref="ComposeException">The text is malformed; the message tells the line.</exception>
    public static void Parse(string text, IDictionary<string, string> output, Lookup lookup, Action<string>? warn = null)
    {
        try
        {
            new VariableFileParser(text, output, lookup, warn).ParseAll();
        }
        catch (TemplateException error)
        {
            throw new ComposeException(error.IsMalformed ? $"Invalid template: \"{error.Message}\"" : error.Message);
        }
    }

    private void ParseAll()
    {
        while (SkipToStatement())
        {
            if (ReadKey() is not var (key, inherited))
                return;
            if (key.Contains(' ', StringComparison.Ordinal))
                throw new ComposeException($"line {_line}: key cannot contain a space");
            if (inherited)
            {
                if (_lookup(key) is { } value)
                    _output[key] = value;
                continue;
            }
            _output[key] = ReadValue();
        }
    }

    private bool SkipToStatement()
    {
        while (true)
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
                if (_text[_at++] == '\n')
                    _line++;
            if (_at >= _text.Length)
                return false;
            if (_text[_at] != '#')
                return true;
            var end = _text.IndexOf('\n', _at);
            if (end < 0)
                return false;
            _at = end;
        }
    }

    private (string Key, bool Inherited)? ReadKey()
    {
        if (_text.AsSpan(_at).StartsWith("export") && _at + 6 < _text.Length && char.IsWhiteSpace(_text[_at + 6]))
        {
            _at += 6;
            SkipBlanks();
        }
        var start = _at;
        for (; _at < _text.Length; _at++)
        {
            var letter = _text[_at];
            if (IsBlank(letter))
                continue;
            if (letter is '=' or ':' or '\n')
            {
                var key = _text[start.._at].TrimEnd();
                _at++;
                if (letter == '\n' && !key.Contains(' ', StringComparison.Ordinal))
                    _line++;
                SkipBlanks();
                return (key, letter == '\n');
            }
            if (letter is not ('_' or '.' or '-' or '[' or ']') && !char.IsLetterOrDigit(letter) && !char.IsNumber(letter))
            {
                var line = _text[start..];
                throw new ComposeException(
                    $"line {_line}: unexpected character \"{letter}\" in variable name \"{(line.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? line[..end] : line)}\"");
            }
        }
        // The last line is a key alone, without the end of a line: docker's parser does not take it for a key either.
        return null;
    }

    private string ReadValue()
    {
        if (_at < _text.Length && _text[_at] is '"' or '\'' && _at < _text.Length)
            return ReadQuoted(_text[_at]);
        var end = _text.IndexOf('\n', _at);
        var value = end < 0 ? _text[_at..] : _text[_at..end];
        _at = end < 0 ? _text.Length : end + 1;
        _line++;
        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return _template.Substitute((comment < 0 ? value : value[..comment]).TrimEnd());
    }

    private string ReadQuoted(char quote)
    {
        var from = _at;
        var value = new StringBuilder();
        var escaped = false;
        for (_at++; _at < _text.Length; _at++)
        {
            var letter = _text[_at];
            if (letter == '\n')
                _line++;
            if (letter == quote && !escaped)
            {
                _at++;
                return quote == '\'' ? value.ToString() : _template.Substitute(EscapeSequences.Expand(value.ToString()));
            }
            if (letter != quote && !escaped && letter == '\\')
            {
                escaped = true;
                continue;
            }
            if (escaped && letter != quote)
                value.Append('\\');
            escaped = false;
            value.Append(letter);
        }
        var end = _text.IndexOf('\n', from);
        throw new ComposeException($"line {_line}: unterminated quoted value {(end < 0 ? _text[from..] : _text[from..end])}");
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && IsBlank(_text[_at]))
            _at++;
    }

    private static bool IsBlank(char letter) => letter is '\t' or '\v' or '\f' or '\r' or ' ' or '\u0085' or '\u00A0';
}
