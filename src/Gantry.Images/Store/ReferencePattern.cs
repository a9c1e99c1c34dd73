using Gantry.Oci.Images;

namespace Gantry.Images.Store;

/// <summary>The shell patterns of the <c>reference</c> filter (Go's path.Match: <c>*</c> and <c>?</c> stop at slashes, <c>[a-z]</c>, <c>\</c>).</summary>
internal static class ReferencePattern
{
    /// <summary>Whether a name, with or without its tag, matches.</summary>
    internal static bool Matches(string pattern, ImageReference reference) =>
        Match(pattern, reference.Familiar) || Match(pattern, reference.FamiliarName);

    private static bool Match(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // Where to go on after the last star, if what follows it does not match here. No star is ever given up for an earlier one, so
        // the time is bounded by the product of the lengths.
        var starPattern = -1;
        var starText = 0;
        int p = 0, t = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starPattern = ++p;
                starText = t;
                continue;
            }
            if (p < pattern.Length && MatchOne(pattern, ref p, text[t]))
            {
                t++;
                continue;
            }
            if (starPattern < 0 || text[starText] == '/')
                return false;
            p = starPattern;
            t = ++starText;
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    private static bool MatchOne(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        switch (pattern[p])
        {
            case '?':
                p++;
                return c != '/';
            case '[':
                return MatchClass(pattern, ref p, c);
            case '\\' when p + 1 < pattern.Length:
                p += 2;
                return pattern[p - 1] == c;
            default:
                return pattern[p++] == c;
        }
    }

    private static bool MatchClass(ReadOnlySpan<char> pattern, ref int p, char c)
    {
        var end = pattern[(p + 1)..].IndexOf(']');
        if (end <= 0 || c == '/')
            return false;
        var members = pattern.Slice(p + 1, end);
        p += end + 2;
        var negated = members[0] == '^';
        if (negated)
            members = members[1..];
        var found = false;
        for (var i = 0; i < members.Length; i++)
        {
            var low = members[i];
            var high = low;
            if (i + 2 < members.Length && members[i + 1] == '-')
                (high, i) = (members[i + 2], i + 2);
            found |= c >= low && c <= high;
        }
        return found != negated;
    }
}
