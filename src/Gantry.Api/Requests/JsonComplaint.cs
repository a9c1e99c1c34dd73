using System.Globalization;
using System.Text;

namespace Gantry.Api.Requests;

/// <summary>
/// What is wrong with a text that is no JSON, in the words of Go's encoding/json: clients of docker look for them. The reader says where and why in words
/// of its own, which may be left out of the binary; so the text is gone through once more, up to its first mistake.
/// </summary>
internal ref struct JsonComplaint
{
    private const int Deepest = 64;

    private readonly ReadOnlySpan<byte> _text;
    private int _at, _depth;
    private string? _found;

    private JsonComplaint(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>The first mistake; null: there is none of the grammar.</summary>
    /// <param name="text">The text.</param>
    public static string? Of(ReadOnlySpan<byte> text)
    {
        var complaint = new JsonComplaint(text);
        return complaint.Value() ? null : complaint._found;
    }

    private bool Value()
    {
        SkipSpace();
        return Peek() switch
        {
            '{' or '[' when _depth == Deepest => TooDeep(),
            '{' => Object(),
            '[' => Array(),
            '"' => String(),
            't' => Literal("true"),
            'f' => Literal("false"),
            'n' => Literal("null"),
            '-' or (>= '0' and <= '9') => Number(),
            _ => Fail("looking for beginning of value"),
        };
    }

    /// <summary>Deeper than the reader goes, and so than the stack need be.</summary>
    private bool TooDeep()
    {
        _found = "exceeded max depth";
        return false;
    }

    private bool Object()
    {
        _at++;
        _depth++;
        SkipSpace();
        if (Take('}'))
            return Leave();
        while (true)
        {
            SkipSpace();
            if (Peek() != '"')
                return Fail("looking for beginning of object key string");
            if (!String())
                return false;
            SkipSpace();
            if (!Take(':'))
                return Fail("after object key");
            if (!Value())
                return false;
            SkipSpace();
            if (Take('}'))
                return Leave();
            if (!Take(','))
                return Fail("after object key:value pair");
        }
    }

    private bool Array()
    {
        _at++;
        _depth++;
        SkipSpace();
        if (Take(']'))
            return Leave();
        while (true)
        {
            if (!Value())
                return false;
            SkipSpace();
            if (Take(']'))
                return Leave();
            if (!Take(','))
                return Fail("after array element");
        }
    }

    private bool Leave()
    {
        _depth--;
        return true;
    }

    private bool String()
    {
        _at++;
        while (true)
        {
            var letter = Peek();
            if (letter is null or < ' ')
                return Fail("in string");
            _at++;
            if (letter == '"')
                return true;
            if (letter == '\\' && !Escape())
                return false;
        }
    }

    private bool Escape()
    {
        var letter = Peek();
        if (letter is null)
            return Fail("in string escape code");
        if (letter is not ('"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't' or 'u'))
        {
            _found = $"invalid escape sequence `\\{letter}` in string";
            return false;
        }
        _at++;
        for (var digit = 0; letter == 'u' && digit < 4; digit++, _at++)
        {
            if (Peek() is not { } hex || !char.IsAsciiHexDigit(hex))
                return Fail("in \\u hexadecimal character escape");
        }
        return true;
    }

    private bool Literal(string word)
    {
        for (var i = 0; i < word.Length; i++, _at++)
        {
            if (Peek() != word[i])
                return Fail($"in literal {word} (expecting '{word[i]}')");
        }
        return true;
    }

    private bool Number()
    {
        Take('-');
        if (!Take('0') && !Digits())
            return Fail("in numeric literal");
        if (Take('.') && !Digits())
            return Fail("in numeric literal");
        if (!Take('e') && !Take('E'))
            return true;
        if (!Take('+'))
            Take('-');
        return Digits() || Fail("in numeric literal");
    }

    private bool Digits()
    {
        var start = _at;
        while (Peek() is >= '0' and <= '9')
            _at++;
        return _at > start;
    }

    private readonly char? Peek() => _at < _text.Length ? (char)_text[_at] : null;

    private bool Take(char letter)
    {
        if (Peek() != letter)
            return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n')
            _at++;
    }

    private bool Fail(string where)
    {
        _found = Peek() is null ? "unexpected EOF" : $"invalid character {Quoted()} {where}";
        return false;
    }

    /// <summary>The character as Go quotes it.</summary>
    private readonly string Quoted()
    {
        if (Rune.DecodeFromUtf8(_text[_at..], out var rune, out _) != System.Buffers.OperationStatus.Done)
            rune = Rune.ReplacementChar;
        return rune.Value switch
        {
            '\'' => "'\\''",
            '"' => "'\"'",
            '\\' => "'\\\\'",
            '\n' => "'\\n'",
            '\r' => "'\\r'",
            '\t' => "'\\t'",
            < ' ' or 0x7f => string.Create(CultureInfo.InvariantCulture, $"'\\x{rune.Value:x2}'"),
            _ => $"'{rune}'",
        };
    }
}
