using Gantry.Compose.Values;

namespace Gantry.Compose.Interpolation;

/// <summary>A variable that a model uses.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">What stands for it when it is not set.</param>
/// <param name="Alternate">What stands there when it is set.</param>
/// <param name="Required">Whether it must be set.</param>
public sealed record UsedVariable(string Name, string Default, string Alternate, bool Required);

/// <summary>Lists the variables of a model that has not been interpolated.</summary>
internal static class VariableFinder
{
    /// <summary>The variables by name.</summary>
    public static SortedDictionary<string, UsedVariable> Find(Value value)
    {
        var found = new SortedDictionary<string, UsedVariable>(StringComparer.Ordinal);
        Walk(value, found);
        return found;
    }

    private static void Walk(Value value, SortedDictionary<string, UsedVariable> found)
    {
        if (value is MapValue map)
            foreach (var (_, element) in map.Entries)
                Walk(element, found);
        else if (value is ListValue list)
            list.Items.ForEach(element => Walk(element, found));
        else if (value.AsText is { } text)
            Scan(text, found);
    }

    private static void Scan(string text, SortedDictionary<string, UsedVariable> found)
    {
        for (var at = text.IndexOf('$', StringComparison.Ordinal); at >= 0 && at + 1 < text.Length; at = text.IndexOf('$', at))
        {
            var braced = text[at + 1] == '{';
            var start = at + (braced ? 2 : 1);
            var end = Template.EndOfName(text, start);
            if (end == start)
            {
                at += text[at + 1] == '$' ? 2 : 1;
                if (at >= text.Length)
                    return;
                continue;
            }
            var close = braced ? Template.ClosingBrace(text, at + 1) : end;
            var rest = braced && close > end ? text[end..close] : "";
            Add(text[start..end], rest, found);
            at = braced ? Math.Max(close, end) : end;
            if (at >= text.Length)
                return;
        }
    }

    private static void Add(string name, string rest, SortedDictionary<string, UsedVariable> found)
    {
        var sign = rest.TrimStart(':');
        var other = sign.Length > 1 ? sign[1..] : "";
        found[name] = new UsedVariable(name, sign.StartsWith('-') ? other : "", sign.StartsWith('+') ? other : "", sign.StartsWith('?'));
        if (sign.Length > 0 && sign[0] is '-' or '+')
            Scan(other, found);
    }
}
