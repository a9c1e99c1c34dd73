using System.Text.RegularExpressions;

namespace Gantry.Compose.Validation;

/// <summary>A regular expression of the schema. The three that nearly all names meet are compared without one.</summary>
/// <param name="source">The expression.</param>
internal sealed class NamePattern(string source)
{
    private Regex? _regex;

    /// <summary>The expression.</summary>
    public string Source { get; } = source;

    /// <summary>Whether a text is of this form.</summary>
    public bool Matches(string text) => Source switch
    {
        "^x-" => text.StartsWith("x-", StringComparison.Ordinal),
        ".+" => text.Length > 0,
        "^[a-zA-Z0-9._-]+$" => text.Length > 0 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-'),
        _ => (_regex ??= new Regex(Source, RegexOptions.CultureInvariant)).IsMatch(text),
    };
}
