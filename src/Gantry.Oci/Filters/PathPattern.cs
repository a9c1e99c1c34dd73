namespace Gantry.Oci.Filters;

/// <summary>Patterns of paths: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>\x</c> within a name, and <c>**</c> over any number of them.</summary>
public static class PathPattern
{
    /// <summary>Refuses what is malformed.</summary>
    /// <exception cref="GantryException">A bracket has no end, or an escape nothing after it.</exception>
    public static void Validate(string pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && ++i >= pattern.Length)
                throw GantryException.Invalid($"syntax error in pattern: {pattern}");
            if (pattern[i] == '[' && ClassEnd(pattern, i) is var end)
                i = end >= 0 ? end : throw GantryException.Invalid($"syntax error in pattern: {pattern}");
        }
    }

    /// <summary>Whether it is more than a path.</summary>
    public static bool HasWildcard(string path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\')
                i++;
            else if (path[i] is '*' or '?' or '[')
                return true;
        }
        return false;
    }

    /// <summary>Whether the whole path fits the whole pattern.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern.StartsWith("**"))
                return MatchesAnyFolders(pattern[2..], path);
            if (pattern[0] == '*')
                return MatchesInName(pattern[1..], path);
            if (path.IsEmpty || !MatchesOne(ref pattern, path[0]))
                return false;
            path = path[1..];
        }
        return path.IsEmpty;
    }

    private static bool MatchesAnyFolders(ReadOnlySpan<char> rest, ReadOnlySpan<char> path)
    {
        if (rest.IsEmpty)
            return true;
        if (rest[0] == '/')
        {
            // Any number of folders, also none.
            rest = rest[1..];
            if (Matches(rest, path))
                return true;
            for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/'))
            {
                path = path[(slash + 1)..];
                if (Matches(rest, path))
                    return true;
            }
            return false;
        }
        for (; ; path = path[1..])
        {
            if (Matches(rest, path))
                return true;
            if (path.IsEmpty)
                return false;
        }
    }

    private static bool MatchesInName(ReadOnlySpan<char> rest, ReadOnlySpan<char> path)
    {
        for (; ; path = path[1..])
        {
            if (Matches(rest, path))
                return true;
            if (path.IsEmpty || path[0] == '/')
                return false;
        }
    }

    private static bool MatchesOne(ref ReadOnlySpan<char> pattern, char c)
    {
        switch (pattern[0])
        {
            case '?':
                pattern = pattern[1..];
                return c != '/';
            case '[':
                var end = ClassEnd(pattern, 0);
                var matched = end > 0 && c != '/' && InClass(pattern[1..end], c);
                pattern = pattern[(Math.Max(end, 0) + 1)..];
                return matched;
            case '\\' when pattern.Length > 1:
                var literal = pattern[1];
                pattern = pattern[2..];
                return literal == c;
            default:
                var same = pattern[0] == c;
                pattern = pattern[1..];
                return same;
        }
    }

    private static int ClassEnd(ReadOnlySpan<char> pattern, int start)
    {
        for (var i = start + 1; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
                i++;
            else if (pattern[i] == ']' && i > start + 1)
                return i;
        }
        return -1;
    }

    private static bool InClass(ReadOnlySpan<char> set, char c)
    {
        var negated = set[0] == '^';
        if (negated)
            set = set[1..];
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            var low = set[i] == '\\' && i + 1 < set.Length ? set[++i] : set[i];
            var high = low;
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                high = set[i + 2] == '\\' && i + 3 < set.Length ? set[i + 3] : set[i + 2];
                i += set[i + 2] == '\\' ? 3 : 2;
            }
            found |= c >= low && c <= high;
        }
        return found != negated;
    }
}
