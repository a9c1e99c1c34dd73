using System.Text;
using System.Text.RegularExpressions;

namespace Gantry.Compose.Running;

/// <summary>
/// The rules of <c>.dockerignore</c>: patterns with <c>*</c>, <c>?</c>, <c>[...]</c> and <c>**</c>, exceptions with <c>!</c>; the last that matches counts.
/// </summary>
internal sealed class IgnoreRules
{
    private readonly List<(Regex Pattern, bool Excludes)> _rules = [];

    private IgnoreRules()
    {
    }

    /// <summary>Whether there are exceptions.</summary>
    public bool HasExceptions { get; private set; }

    /// <summary>Reads the rules of a folder: those of <c>DOCKERFILE.dockerignore</c> when that is there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="dockerfile">The Dockerfile within it, or empty; it is never left out.</param>
    public static IgnoreRules Read(string folder, string dockerfile)
    {
        var special = Path.Combine(folder, dockerfile + ".dockerignore");
        var file = dockerfile.Length > 0 && File.Exists(special) ? special : Path.Combine(folder, ".dockerignore");
        var rules = new IgnoreRules();
        if (File.Exists(file))
        {
            foreach (var line in File.ReadLines(file))
                if (line.Trim() is { Length: > 0 } pattern && pattern[0] != '#')
                    rules.Add(pattern);
            if (dockerfile.Length > 0)
                rules.Add("!" + dockerfile);
        }
        return rules;
    }

    /// <summary>Makes rules of patterns, as the <c>ignore</c> of a watch has them.</summary>
    public static IgnoreRules Of(IEnumerable<string> patterns)
    {
        var rules = new IgnoreRules();
        foreach (var pattern in patterns)
            rules.Add(pattern);
        return rules;
    }

    /// <summary>Whether a path within the folder is left out.</summary>
    public bool Excludes(string path)
    {
        var excluded = false;
        foreach (var (pattern, excludes) in _rules)
            if (excludes != excluded && pattern.IsMatch(path))
                excluded = excludes;
        return excluded;
    }

    private void Add(string pattern)
    {
        var excludes = pattern[0] != '!';
        HasExceptions |= !excludes;
        pattern = (excludes ? pattern : pattern[1..].Trim()).Trim('/');
        if (pattern.StartsWith("./", StringComparison.Ordinal))
            pattern = pattern[2..];
        _rules.Add((new Regex($"^{Translate(pattern)}(/.*)?$", RegexOptions.CultureInvariant), excludes));
    }

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder();
        for (var at = 0; at < pattern.Length; at++)
        {
            if (pattern.AsSpan(at).StartsWith("**/"))
            {
                regex.Append("(.*/)?");
                at += 2;
            }
            else if (pattern.AsSpan(at).StartsWith("**"))
            {
                regex.Append(".*");
                at++;
            }
            else
            {
                regex.Append(
                    pattern[at] switch { '*' => "[^/]*", '?' => "[^/]", '[' or ']' => pattern[at].ToString(), _ => Regex.Escape(pattern[at].ToString()) });
            }
        }
        return regex.ToString();
    }
}
