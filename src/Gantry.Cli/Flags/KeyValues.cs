namespace Gantry.Cli.Flags;

/// <summary>Lists of <c>key=value</c>.</summary>
internal static class KeyValues
{
    /// <summary>As a map; a key without a sign of equality has an empty value, and the last of several counts.</summary>
    public static IReadOnlyDictionary<string, string> ToMap(IEnumerable<string> values)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var equals = value.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                map[value] = "";
            else
                map[value[..equals]] = value[(equals + 1)..];
        }
        return map;
    }
}
