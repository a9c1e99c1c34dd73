namespace Gantry.Registry.Client.Auth;

/// <summary>Scopes of tokens: <c>type:name:actions</c> (distribution's token specification).</summary>
internal static class TokenScopes
{
    /// <summary>The list of all repositories.</summary>
    internal const string Catalog = "registry:catalog:*";

    internal static string Pull(string repository) => $"repository:{repository}:pull";

    internal static string Push(string repository) => $"repository:{repository}:pull,push";

    internal static string Delete(string repository) => $"repository:{repository}:delete";

    /// <summary>
    /// Both lists as one, each scope once with all its actions, in a fixed order, so that equal demands have equal tokens.
    /// </summary>
    internal static IReadOnlyList<string> Merge(IEnumerable<string> wanted, IEnumerable<string> demanded)
    {
        var actions = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var scope in wanted.Concat(demanded))
        {
            var colon = scope.LastIndexOf(':');
            var name = colon < 0 ? scope : scope[..colon];
            if (!actions.TryGetValue(name, out var set))
                actions[name] = set = new SortedSet<string>(StringComparer.Ordinal);
            set.UnionWith(colon < 0 ? [] : scope[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries));
        }
        return [.. actions.Select(entry => $"{entry.Key}:{string.Join(',', entry.Value)}")];
    }
}
