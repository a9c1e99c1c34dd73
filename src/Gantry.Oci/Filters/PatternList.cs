namespace Gantry.Oci.Filters;

/// <summary>
/// The patterns of a <c>.dockerignore</c> file, or of <c>--exclude</c>: <c>*</c> and <c>?</c> within a name, <c>**</c> over any number of folders,
/// <c>!</c> takes back. The last pattern that fits decides; one that fits a folder fits all in it.
/// </summary>
public sealed class PatternList
{
    private readonly List<(string Pattern, bool TakesBack)> _patterns;

    private PatternList(List<(string, bool)> patterns) => _patterns = patterns;

    /// <summary>No pattern.</summary>
    public static PatternList Empty { get; } = new([]);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _patterns.Count == 0;

    /// <summary>The patterns, a line each.</summary>
    public string Text => string.Join('\n', _patterns.Select(pattern => pattern.TakesBack ? "!" + pattern.Pattern : pattern.Pattern));

    /// <summary>Reads the lines of a file; those that are empty or begin with <c>#</c> say nothing.</summary>
    /// <exception cref="GantryException">A pattern is malformed.</exception>
    public static PatternList Parse(string text) =>
        Of(text.TrimStart('\ufeff').Split('\n').Select(line => line.TrimEnd('\r')).Where(line => !line.StartsWith('#')));

    /// <summary>Takes patterns one by one.</summary>
    /// <exception cref="GantryException">A pattern is malformed.</exception>
    public static PatternList Of(IEnumerable<string> lines)
    {
        var patterns = new List<(string, bool)>();
        foreach (var line in lines)
        {
            var pattern = line.Trim();
            if (pattern.Length == 0)
                continue;
            var takesBack = pattern[0] == '!';
            if (takesBack)
                pattern = pattern[1..].Trim();
            if (pattern.Length == 0)
                throw GantryException.Invalid("illegal exclusion pattern: \"!\"");
            var clean = Clean(pattern);
            PathPattern.Validate(clean);
            if (clean != ".")
                patterns.Add((clean, takesBack));
        }
        return new PatternList(patterns);
    }

    /// <summary>Whether a path is left out.</summary>
    /// <param name="path">Relative, without a slash at its beginning or end.</param>
    public bool Excludes(string path)
    {
        var excluded = false;
        foreach (var (pattern, takesBack) in _patterns)
        {
            // A pattern that would change nothing need not be tried.
            if (takesBack == excluded && FitsPathOrParent(pattern, path))
                excluded = !takesBack;
        }
        return excluded;
    }

    /// <summary>Whether something below an excluded folder may be taken back.</summary>
    /// <param name="folder">The folder's path.</param>
    public bool MayTakeBackBelow(string folder) => _patterns.Exists(entry => entry.TakesBack && ReachesBelow(entry.Pattern, folder));

    private static bool FitsPathOrParent(string pattern, string path)
    {
        if (PathPattern.Matches(pattern, path))
            return true;
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (PathPattern.Matches(pattern, path.AsSpan(0, slash)))
                return true;
        }
        return false;
    }

    private static bool ReachesBelow(string pattern, string folder)
    {
        var wildcard = pattern.IndexOfAny(['*', '?', '[', '\\']);
        var literal = wildcard < 0 ? pattern : pattern[..wildcard];
        return literal.StartsWith(folder + "/", StringComparison.Ordinal)
            || (wildcard >= 0 && (folder + "/").StartsWith(literal, StringComparison.Ordinal));
    }

    private static string Clean(string pattern)
    {
        var parts = new List<string>();
        foreach (var part in pattern.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != "..")
                parts.Add(part);
        }
        return parts.Count == 0 ? "." : string.Join('/', parts);
    }
}
