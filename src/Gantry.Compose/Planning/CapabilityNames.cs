namespace Gantry.Compose.Planning;

/// <summary>Names of capabilities as docker's client sends them: in capitals, with their prefix, each once, sorted.</summary>
internal static class CapabilityNames
{
    private const string All = "ALL";
    private const string Prefix = "CAP_";

    /// <summary>What is added and what is taken away; what is both is added. Null for nothing.</summary>
    public static (IReadOnlyList<string>? Added, IReadOnlyList<string>? Dropped) Effective(IEnumerable<string> add, IEnumerable<string> drop)
    {
        var added = Normalize(add);
        var dropped = Normalize(drop);
        return (OrNull(added), OrNull([.. dropped.Except(added.Contains(All) ? [] : added)]));
    }

    private static string[] Normalize(IEnumerable<string> names)
    {
        var all = names.Select(static name => name.Trim().ToUpperInvariant())
            .Select(static name => name == All || name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name).Distinct()
                .Order(StringComparer.Ordinal).ToArray();
        return all.Contains(All) ? [All] : all;
    }

    private static string[]? OrNull(string[] names) => names.Length > 0 ? names : null;
}
