using System.Text;

namespace Gantry.Compose.Interpolation;

/// <summary>Looks a variable up: its value, or null when it is not set.</summary>
internal delegate string? Lookup(string name);

/// <summary>
/// Replaces variables in a text: <c>$VAR</c>, <c>${VAR}</c>, <c>${VAR:-default}</c>, <c>${VAR-default}</c>, <c>${VAR:?message}</c>,
/// <c>${VAR?message}</c>, <c>${VAR:+other}</c>, <c>${VAR+other}</c>, and <c>$$</c> for a dollar sign. Defaults may hold variables themselves.
/// </summary>
/// <param name="lookup">The variables.</param>
/// <param name="warn">Told of variables without a value and without a default, or null.</param>
internal sealed class Template(Lookup lookup, Action<string>? warn)
{
    /// <summary>Replaces the variables of a text.</summary>
    /// <exception cref="TemplateException">A variable is malformed, or a required one has no value.</exception>
    public string Substitute(string text)
    {
        var dollar = text.IndexOf('$', StringComparison.Ordinal);
        if (dollar < 0)
            return text;
        var output = new StringBuilder(text.Length + 32);
        var from = 0;
        while (dollar >= 0 && dollar + 1 < text.Length)
        {
            output.Append(text, from, dollar - from);
            from = Replace(text, dollar, output);
            dollar = text.IndexOf('$', from);
        }
        return output.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>Where a variable's name ends.</summary>
    internal static int EndOfName(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_' || end > start && char.IsAsciiDigit(text[end])))
            end++;
        return end;
    }

    /// <summary>The closing brace that belongs to the opening one, or -1.</summary>
    internal static int ClosingBrace(string text, int open)
    {
        var depth = 0;
        for (var at = open; at < text.Length; at++)
        {
            if (text[at] == '{')
                depth++;
            else if (text[at] == '}' && --depth == 0)
                return at;
        }
        return -1;
    }

    // Writes what the variable at the dollar sign stands for; returns where the text goes on.
    private int Replace(string text, int dollar, StringBuilder output)
    {
        var next = text[dollar + 1];
        if (next == '$')
        {
            output.Append('$');
            return dollar + 2;
        }
        if (next == '{')
        {
            var close = ClosingBrace(text, dollar + 1);
            var end = EndOfName(text, dollar + 2);
            if (close < 0 || end == dollar + 2)
                throw new TemplateException(text, isMalformed: true);
            output.Append(Braced(text, text[(dollar + 2)..end], text[end..close]));
            return close + 1;
        }
        var nameEnd = EndOfName(text, dollar + 1);
        if (nameEnd == dollar + 1)
        {
            // A dollar sign before anything else is just that.
            output.Append('$');
            return dollar + 1;
        }
        output.Append(Plain(text[(dollar + 1)..nameEnd]));
        return nameEnd;
    }

    private string Plain(string name)
    {
        if (lookup(name) is { } value)
            return value;
        warn?.Invoke(name);
        return "";
    }

    private string Braced(string whole, string name, string rest)
    {
        if (rest.Length == 0)
            return Plain(name);
        var colon = rest[0] == ':';
        var operation = rest.Length > (colon ? 1 : 0) ? rest[colon ? 1 : 0] : ' ';
        if (operation is not ('-' or '+' or '?'))
            throw new TemplateException(whole, isMalformed: true);
        // As docker does it, the other text is worked out even when it is not used.
        var other = Substitute(rest[(colon ? 2 : 1)..]);
        var value = lookup(name);
        var isSet = colon ? !string.IsNullOrEmpty(value) : value is not null;
        return operation switch
        {
            '-' => isSet ? value! : other,
            '+' => isSet ? other : value ?? "",
            _ => isSet ? value! : throw new TemplateException(
                $"required variable {name} is missing a value{(other.Length > 0 ? ": " : "")}{other}", isMalformed: false),
        };
    }
}

/// <summary>A text with variables cannot be worked out.</summary>
/// <param name="text">The malformed text, or the message when the text is well formed.</param>
/// <param name="isMalformed">Whether it is malformed.</param>
internal sealed class TemplateException(string text, bool isMalformed) : Exception(text)
{
    public bool IsMalformed { get; } = isMalformed;
}
