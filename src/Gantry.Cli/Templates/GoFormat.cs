using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>
/// Go's fmt.Sprintf: flags, width, precision, <c>*</c> and <c>[n]</c>. What does not fit is reported in the text itself (<c>%!d(string=x)</c>).
/// </summary>
internal sealed class GoFormat
{
    private const long TooLarge = 1_000_000;

    private readonly string _format;
    private readonly IReadOnlyList<object?> _arguments;
    private readonly StringBuilder _text = new();
    private int _at, _next;
    private bool _isReordered, _isIndexGood, _isAfterIndex;

    private GoFormat(string format, IReadOnlyList<object?> arguments) => (_format, _arguments) = (format, arguments);

    /// <summary>Formats.</summary>
    public static string Format(string format, IReadOnlyList<object?> arguments) => new GoFormat(format, arguments).Run();

    private string Run()
    {
        while (_at < _format.Length)
        {
            if (_format[_at] != '%')
            {
                _text.Append(_format[_at++]);
                continue;
            }
            _at++;
            _isIndexGood = true;
            _isAfterIndex = false;
            Verb(Flags());
        }
        if (!_isReordered && _next < _arguments.Count)
        {
            _text.Append("%!(EXTRA ");
            for (var i = _next; i < _arguments.Count; i++)
                _text.Append(i > _next ? ", " : "")
                    .Append(_arguments[i] is null ? "<nil>" : $"{GoPrinter.TypeOf(_arguments[i])}={GoPrinter.Print(_arguments[i], 'v', new GoFlags())}");
            _text.Append(')');
        }
        return _text.ToString();
    }

    private GoFlags Flags()
    {
        var flags = new GoFlags();
        for (; _at < _format.Length; _at++)
        {
            switch (_format[_at])
            {
                case '#':
                    flags = flags with { Sharp = true };
                    continue;
                case '0':
                    flags = flags with { Zero = !flags.Minus };
                    continue;
                case '+':
                    flags = flags with { Plus = true };
                    continue;
                case '-':
                    flags = flags with { Minus = true, Zero = false };
                    continue;
                case ' ':
                    flags = flags with { Space = true };
                    continue;
            }
            break;
        }
        return Precision(Width(flags));
    }

    private GoFlags Width(GoFlags flags)
    {
        ArgumentIndex();
        if (!Takes('*'))
        {
            var width = Number();
            if (_isAfterIndex && width is not null)
                _isIndexGood = false; // "%[3]2d"
            return flags with { Width = width };
        }
        _isAfterIndex = false;
        if (Star() is not { } given)
        {
            _text.Append("%!(BADWIDTH)");
            return flags;
        }
        return given < 0 ? flags with { Width = -given, Minus = true, Zero = false } : flags with { Width = given };
    }

    private GoFlags Precision(GoFlags flags)
    {
        if (!Takes('.'))
        {
            if (!_isAfterIndex)
                ArgumentIndex();
            return flags;
        }
        if (_isAfterIndex)
            _isIndexGood = false; // "%[3].2d"
        ArgumentIndex();
        if (!Takes('*'))
        {
            var precision = Number() ?? 0;
            if (!_isAfterIndex)
                ArgumentIndex();
            return flags with { Precision = precision };
        }
        _isAfterIndex = false;
        var given = Star();
        ArgumentIndex();
        if (given is >= 0)
            return flags with { Precision = given };
        if (given is null)
            _text.Append("%!(BADPREC)");
        return flags;
    }

    private void Verb(GoFlags flags)
    {
        if (_at >= _format.Length)
        {
            _text.Append("%!(NOVERB)");
            return;
        }
        var verb = _format[_at++];
        if (verb == '%')
            _text.Append('%');
        else if (!_isIndexGood)
            _text.Append("%!").Append(verb).Append("(BADINDEX)");
        else if (_next >= _arguments.Count)
            _text.Append("%!").Append(verb).Append("(MISSING)");
        else
            _text.Append(GoPrinter.Print(_arguments[_next++], verb, verb == 'v' ? flags.ForAnyValue() : flags));
    }

    /// <summary><c>[n]</c>: the argument that comes next.</summary>
    private void ArgumentIndex()
    {
        if (_at >= _format.Length || _format[_at] != '[')
            return;
        _isReordered = true;
        var end = _format.IndexOf(']', _at);
        var text = end < 0 ? "" : _format[(_at + 1)..end];
        _at = end < 0 ? _at + 1 : end + 1;
        _isAfterIndex = end >= 0;
        if (int.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) && number >= 1 && number <= _arguments.Count)
            _next = number - 1;
        else
            _isIndexGood = false;
    }

    /// <summary>The number that a <c>*</c> takes from the arguments; null: there is none.</summary>
    private int? Star() =>
        _next < _arguments.Count && TypedValue.Unwrap(_arguments[_next++]) is long number and >= -TooLarge and <= TooLarge ? (int)number : null;

    private bool Takes(char letter)
    {
        if (_at >= _format.Length || _format[_at] != letter)
            return false;
        _at++;
        return true;
    }

    private int? Number()
    {
        var start = _at;
        while (_at < _format.Length && char.IsAsciiDigit(_format[_at]))
            _at++;
        return _at > start && int.TryParse(_format.AsSpan(start, _at - start), out var number) && number <= TooLarge ? number : null;
    }
}

/// <summary>How a verb is to print.</summary>
/// <param name="Sharp"><c>#</c></param>
/// <param name="Zero"><c>0</c></param>
/// <param name="Plus"><c>+</c></param>
/// <param name="Minus"><c>-</c></param>
/// <param name="Space">a space</param>
/// <param name="Width">How long it is at least.</param>
/// <param name="Precision">The number after the point.</param>
/// <param name="WithNames"><c>%+v</c></param>
/// <param name="AsGo"><c>%#v</c></param>
internal readonly record struct GoFlags(
    bool Sharp, bool Zero, bool Plus, bool Minus, bool Space, int? Width, int? Precision, bool WithNames, bool AsGo)
{
    /// <summary>The verb <c>v</c> has other meanings for <c>#</c> and <c>+</c>.</summary>
    public GoFlags ForAnyValue() => this with { AsGo = Sharp, Sharp = false, WithNames = Plus, Plus = false };

    /// <summary>A text with spaces, or zeros, up to the width.</summary>
    public string Pad(string text)
    {
        if (Width is not { } width)
            return text;
        var missing = width - text.EnumerateRunes().Count();
        return missing <= 0 ? text : Minus ? text + new string(' ', missing) : new string(Zero ? '0' : ' ', missing) + text;
    }
}
