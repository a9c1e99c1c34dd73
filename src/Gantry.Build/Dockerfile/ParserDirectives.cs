using System.Text.RegularExpressions;

namespace Gantry.Build.Dockerfile;

/// <summary>The parser directives: comments of the form <c># name=value</c> before everything else.</summary>
/// <param name="Escape">The character that continues lines and escapes others.</param>
/// <param name="Syntax">The frontend that was asked for; the built-in one serves all of <c>docker/dockerfile</c>.</param>
/// <param name="Check">What lint rules do, e.g. <c>skip=JSONArgsRecommended;error=true</c>.</param>
public sealed partial record ParserDirectives(char Escape = '\\', string? Syntax = null, string? Check = null)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="DockerfileException">One is there twice, or the escape is another character than docker knows.</exception>
    public static ParserDirectives Read(SourceFile file)
    {
        var found = new ParserDirectives();
        var seen = new HashSet<string>();
        for (var i = 0; i < file.Lines.Count; i++)
        {
            // A first line for the system's program loader does not end them.
            if (i == 0 && file.Lines[0].StartsWith("#!", StringComparison.Ordinal))
                continue;
            var match = Directive().Match(file.Lines[i]);
            var name = match.Groups[1].Value.ToLowerInvariant();
            if (!match.Success || name is not ("escape" or "syntax" or "check"))
                break;
            var range = new SourceRange(i + 1, i + 1);
            if (!seen.Add(name))
                throw DockerfileException.Parse(range, $"only one {name} parser directive can be used");
            var value = match.Groups[2].Value;
            found = name switch
            {
                "escape" when value is "\\" or "`" => found with { Escape = value[0] },
                "escape" => throw DockerfileException.Parse(range, $"invalid escape token '{value}' does not match ` or \\"),
                "syntax" => found with { Syntax = value },
                _ => found with { Check = value },
            };
        }
        return found;
    }

    [GeneratedRegex(@"^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$")]
    private static partial Regex Directive();
}
