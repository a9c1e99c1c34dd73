using System.Text;

namespace Gantry.Build.Dockerfile;

/// <summary>The patterns of <c>${v#p}</c> and its kin: <c>*</c> is any text, <c>?</c> any character.</summary>
internal static class ShellPattern
{
    public static string TrimPrefix(string value, string pattern, bool longest, char escape)
    {
        var items = Compile(pattern, escape);
        var length = Lengths(value.Length, longest).FirstOrDefault(count => Matches(value.AsSpan(0, count), items), -1);
        return length < 0 ? value : value[length..];
    }

    public static string TrimSuffix(string value, string pattern, bool longest, char escape)
    {
        var items = Compile(pattern, escape);
        var length = Lengths(value.Length, longest).FirstOrDefault(count => Matches(value.AsSpan(value.Length - count), items), -1);
        return length < 0 ? value : value[..^length];
    }

    public static string Replace(string value, string pattern, string replacement, bool all, char escape)
    {
        var items = Compile(pattern, escape);
        var result = new StringBuilder();
        for (var at = 0; at < value.Length;)
        {
            var length = Lengths(value.Length - at, longest: true).FirstOrDefault(count => count > 0 && Matches(value.AsSpan(at, count), items), -1);
            if (length < 0)
            {
                result.Append(value[at++]);
                continue;
            }
            result.Append(replacement);
            at += length;
            if (!all)
                return result.Append(value, at, value.Length - at).ToString();
        }
        return result.ToString();
    }

    private static IEnumerable<int> Lengths(int most, bool longest) =>
        longest ? Enumerable.Range(0, most + 1).Reverse() : Enumerable.Range(0, most + 1);

    /// <summary>What to match, character by character, and whether it stands for itself.</summary>
    private static List<(char Character, bool Literal)> Compile(string pattern, char escape)
    {
        var items = new List<(char, bool)>();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == escape && i + 1 < pattern.Length)
                items.Add((pattern[++i], true));
            else
                items.Add((pattern[i], pattern[i] is not ('*' or '?')));
        }
        return items;
    }

    private static bool Matches(ReadOnlySpan<char> text, List<(char Character, bool Literal)> items)
    {
        int at = 0, item = 0, star = -1, mark = 0;
        while (at < text.Length)
        {
            if (item < items.Count && (items[item] is { Literal: false, Character: '?' } || (items[item].Literal && items[item].Character == text[at])))
            {
                at++;
                item++;
            }
            else if (item < items.Count && items[item] is { Literal: false, Character: '*' })
            {
                star = item++;
                mark = at;
            }
            else if (star >= 0)
            {
                item = star + 1;
                at = ++mark;
            }
            else
            {
                return false;
            }
        }
        while (item < items.Count && items[item] is { Literal: false, Character: '*' })
            item++;
        return item == items.Count;
    }
}
