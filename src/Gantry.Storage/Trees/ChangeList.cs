using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Trees;

/// <summary>
/// Makes docker's list of changes. A directory is in it when it changed itself or when a name in it came or went; one that is only on the
/// way to a changed file is not.
/// </summary>
/// <param name="placeholders">What is passed over.</param>
internal sealed class ChangeList(MountPlaceholders? placeholders)
{
    private readonly SortedDictionary<string, PathChangeKind> _changes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _withPlaceholders = [];

    internal void Add(TreeChange change)
    {
        if (change.Path.Length == 0 || change.IsImplicit)
            return;
        var path = "/" + KernelPath.ToText(change.Path);
        if (placeholders?.Covers(change) == true)
        {
            _withPlaceholders.Add(Parent(path));
            return;
        }
        _changes[path] = change.Kind;
        if (change.Kind != PathChangeKind.Modified && Parent(path) is { Length: > 0 } parent)
            _changes.TryAdd(parent, PathChangeKind.Modified);
    }

    internal IReadOnlyList<PathChange> ToList()
    {
        // Making a placeholder set its directory's time, which alone would count as a change.
        var changedByNames = _changes.Where(change => change.Value != PathChangeKind.Modified).Select(change => Parent(change.Key)).ToHashSet();
        return
        [
            .. _changes
                .Where(change => change.Value != PathChangeKind.Modified || !_withPlaceholders.Contains(change.Key) || changedByNames.Contains(change.Key))
                .Select(change => new PathChange(change.Key, change.Value)),
        ];
    }

    private static string Parent(string path) => path[..path.LastIndexOf('/')];
}
