using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Trees;

/// <summary>
/// Makes docker's list of changes. A directory is in it when it changed itself or when a name in it came or went; one that is only on the
/// way to a changed file is not.
/// </summary>
internal sealed class ChangeList
{
    private readonly SortedDictionary<string, PathChangeKind> _changes = new(StringComparer.Ordinal);

    internal void Add(TreeChange change)
    {
        if (change.Path.Length == 0 || change.IsImplicit)
            return;
        var path = "/" + KernelPath.ToText(change.Path);
        _changes[path] = change.Kind;
        var parent = path[..path.LastIndexOf('/')];
        if (change.Kind != PathChangeKind.Modified && parent.Length > 0)
            _changes.TryAdd(parent, PathChangeKind.Modified);
    }

    internal IReadOnlyList<PathChange> ToList() => [.. _changes.Select(change => new PathChange(change.Key, change.Value))];
}
