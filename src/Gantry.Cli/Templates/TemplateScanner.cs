using System.Text;

namespace Gantry.Cli.Templates;

internal enum TokenKind
{
    Text, Open, Close, Identifier, Field, Variable, Dot, StringLiteral, Number, Pipe, OpenParenthesis, CloseParenthesis, Declare, Assign, Comma, Space,
    Character, End,
}

/// <summary>A token and where it starts, for error messages.</summary>
internal readonly record struct Token(TokenKind Kind, string Value, int Position);

/// <summary>Splits a template into text and the tokens of its actions (pkg.go.dev/text/template).</summary>
internal sealed class TemplateScanner(string source)
{
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _depth;

    /// <summary>The line of a position, from 1.</summary>
    public static int LineOf(string source, int position) => 1 + source.AsSpan(0, position).Count('\n');

    /// <summary>All tokens; the last one is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TemplateException">The template is malformed.</exception>
    public List<Token> Scan()
    {
        var trimNext = false;
        while (true)
        {
            var open = source.IndexOf("{{", _at, StringComparison.Ordinal);
            var text = open < 0 ? source[_at..] : source[_at..open];
            if (trimNext)
                text = text.TrimStart(' ', '\t', '\r', '\n');
            var trimBefore = open >= 0 && IsTrimMarker(open + 2);
            if (trimBefore)
                text = text.TrimEnd(' ', '\t', '\r', '\n');
            if (text.Length > 0)
                _tokens.Add(new(TokenKind.Text, text, _at));
            if (open < 0)
            {
                _tokens.Add(new(TokenKind.End, "", source.Length));
                return _tokens;
            }
            _at = open + (trimBefore ? 4 : 2);
            trimNext = SkipComment(open) ?? ScanAction(open);
        }
    }

    private bool IsTrimMarker(int at) => at + 1 < source.Length && source[at] == '-' && char.IsWhiteSpace(source[at + 1]);

    /// <summary>Skips <c>{{/* … */}}</c>; the result says whether white space after it is trimmed, or null when it is no comment.</summary>
    private bool? SkipComment(int open)
    {
        if (!source.AsSpan(_at).StartsWith("/*"))
            return null;
        var end = source.IndexOf("*/", _at, StringComparison.Ordinal);
        if (end < 0)
            throw Failure(open, "unclosed comment");
        _at = end + 2;
        var trim = source.AsSpan(_at).StartsWith(" -}}");
        if (!trim && !source.AsSpan(_at).StartsWith("}}"))
            throw Failure(open, "comment ends before closing delimiter");
        _at += trim ? 4 : 2;
        return trim;
    }

    private bool ScanAction(int open)
    {
        _tokens.Add(new(TokenKind.Open, "{{", open));
        _depth = 0;
        while (true)
        {
            if (_at >= source.Length)
                throw Failure(open, "unclosed action");
            var rest = source.AsSpan(_at);
            var trim = char.IsWhiteSpace(rest[0]) && rest[1..].StartsWith("-}}");
            if (trim || rest.StartsWith("}}"))
            {
                if (_depth > 0)
                    throw Failure(_at, "unclosed left paren");
                _tokens.Add(new(TokenKind.Close, "}}", _at));
                _at += trim ? 4 : 2;
                return trim;
            }
            ScanToken(open);
        }
    }

    private void ScanToken(int open)
    {
        var start = _at;
        var first = source[_at];
        switch (first)
        {
            case '\n' or '\r' or ' ' or '\t':
                while (_at < source.Length && char.IsWhiteSpace(source[_at]) && !source.AsSpan(_at + 1).StartsWith("-}}"))
                    _at++;
                // White space right before a trimming end belongs to that end, so at least one place was moved only if it is not that.
                Add(TokenKind.Space, start);
                break;
            case '"':
                Add(TokenKind.StringLiteral, start, ScanQuoted(open));
                break;
            case '\'':
                Add(TokenKind.Number, start, ScanCharacter(open));
                break;
            case '`':
                Add(TokenKind.StringLiteral, start, ScanRaw(open));
                break;
            case '|':
                _at++;
                Add(TokenKind.Pipe, start);
                break;
            case '(':
                _at++;
                _depth++;
                Add(TokenKind.OpenParenthesis, start);
                break;
            case ')':
                _at++;
                if (--_depth < 0)
                    throw Failure(start, "unexpected right paren");
                Add(TokenKind.CloseParenthesis, start);
                break;
            case ',':
                _at++;
                Add(TokenKind.Comma, start);
                break;
            case '=':
                _at++;
                Add(TokenKind.Assign, start);
                break;
            case ':' when source.AsSpan(_at).StartsWith(":="):
                _at += 2;
                Add(TokenKind.Declare, start);
                break;
            case '.' when _at + 1 >= source.Length:
                throw Failure(open, "illegal number syntax: \".\"");
            case '.' when !IsWordStart(source[_at + 1]) && !char.IsAsciiDigit(source[_at + 1]):
                _at++;
                Add(TokenKind.Dot, start);
                break;
            case '.' when IsWordStart(source[_at + 1]):
                _at++;
                TakeWord();
                Add(TokenKind.Field, start);
                break;
            case '$':
                _at++;
                TakeWord();
                Add(TokenKind.Variable, start);
                break;
            default:
                ScanWordOrNumber(first, start);
                break;
        }
    }

    private void ScanWordOrNumber(char first, int start)
    {
        if (char.IsAsciiDigit(first) || first is '+' or '-' or '.')
        {
            _at++;
            while (_at < source.Length && (char.IsAsciiLetterOrDigit(source[_at]) || source[_at] is '.' or '_' || IsExponentSign()))
                _at++;
            Add(TokenKind.Number, start);
        }
        else if (IsWordStart(first))
        {
            TakeWord();
            Add(TokenKind.Identifier, start);
        }
        else
        {
            if (first is <= ' ' or >= '\x7f')
                throw Failure(start, $"unexpected unrecognized character in action: U+{(int)first:X4} in command");
            _at++;
            Add(TokenKind.Character, start);
        }
    }

    private bool IsExponentSign() => source[_at] is '+' or '-' && source[_at - 1] is 'e' or 'E';

    private static bool IsWordStart(char character) => character == '_' || char.IsLetter(character);

    private void TakeWord()
    {
        while (_at < source.Length && (source[_at] == '_' || char.IsLetterOrDigit(source[_at])))
            _at++;
    }

    private void Add(TokenKind kind, int start, string? value = null) => _tokens.Add(new(kind, value ?? source[start.._at], start));

    private string ScanQuoted(int open)
    {
        var text = new StringBuilder();
        for (_at++; _at < source.Length && source[_at] != '\n'; _at++)
        {
            if (source[_at] == '"')
            {
                _at++;
                return text.ToString();
            }
            text.Append(source[_at] == '\\' && _at + 1 < source.Length ? ScanEscape() : source[_at].ToString());
        }
        throw Failure(open, "unterminated quoted string");
    }

    private string ScanRaw(int open)
    {
        var end = source.IndexOf('`', _at + 1);
        if (end < 0)
            throw Failure(open, "unterminated raw quoted string");
        var text = source[(_at + 1)..end];
        _at = end + 1;
        return text;
    }

    private string ScanCharacter(int open)
    {
        var start = _at++;
        if (_at + 1 >= source.Length)
            throw Failure(open, "unterminated character constant");
        var value = source[_at] == '\\' ? ScanEscape() : source[_at].ToString();
        _at++;
        if (_at >= source.Length || source[_at++] != '\'')
            throw Failure(
                open, $"malformed character constant: {source[start..(source.IndexOf('\'', start + 1) is >= 0 and var end ? end + 1 : source.Length)]}");
        return ((int)value[0]).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private string ScanEscape()
    {
        _at++;
        switch (source[_at])
        {
            case 'n':
                return "\n";
            case 't':
                return "\t";
            case 'r':
                return "\r";
            case 'a':
                return "\a";
            case 'b':
                return "\b";
            case 'f':
                return "\f";
            case 'v':
                return "\v";
            case >= '0' and <= '7' when _at + 2 < source.Length && source[_at + 1] is >= '0' and <= '7' && source[_at + 2] is >= '0' and <= '7':
                _at += 2;
                return ((char)Convert.ToInt32(source[(_at - 2)..(_at + 1)], 8)).ToString();
            case 'x' when _at + 2 < source.Length:
                return ScanHexadecimal(2);
            case 'u' when _at + 4 < source.Length:
                return ScanHexadecimal(4);
            case '\\' or '"' or '\'':
                return source[_at].ToString();
            default:
                throw Failure(_at, "invalid syntax");
        }
    }

    private string ScanHexadecimal(int digits)
    {
        if (!int.TryParse(source.AsSpan(_at + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code))
            throw Failure(_at, "invalid syntax");
        _at += digits;
        return ((char)code).ToString();
    }

    private TemplateException Failure(int position, string message) => new($"template: :{LineOf(source, position)}: {message}");
}
