using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Oci.Filters;
using Gantry.Oci;

namespace Gantry.Build.Trees;

/// <summary>Finds the files that paths and patterns mean, following links inside a tree.</summary>
internal static class TreePaths
{
    private const int MaxLinks = 40;

    /// <summary>A path with no links in it, for one that may have some; null: nothing is there.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="path">Relative or absolute; <c>..</c> stops at the root.</param>
    /// <param name="keepsLast">Whether the last name may be a link.</param>
    /// <exception cref="GantryException">There are too many links.</exception>
    public static string? Resolve(IFileTree tree, string path, bool keepsLast = false)
    {
        var pending = new Stack<string>(Enumerable.Reverse(path.Split('/')));
        var done = new List<string>();
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name is "" or ".")
                continue;
            if (name == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                continue;
            }
            done.Add(name);
            if (tree.Find(string.Join('/', done)) is not { } entry)
                return null;
            if (entry.Kind != Os.Files.FileKind.SymbolicLink || (keepsLast && pending.All(next => next is "" or ".")))
                continue;
            if (++links > MaxLinks)
                throw GantryException.Invalid($"\"{path}\": too many levels of symbolic links");
            done.RemoveAt(done.Count - 1);
            if (entry.LinkText.StartsWith('/'))
                done.Clear();
            foreach (var part in Enumerable.Reverse(entry.LinkText.Split('/')))
                pending.Push(part);
        }
        return string.Join('/', done);
    }

    /// <summary>The paths that the sources of a copy mean.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="copy">The copy.</param>
    /// <returns>The source, paths as written (after a pattern: as found), and where links lead.</returns>
    /// <exception cref="GantryException">A path without a pattern is not there, or one that it needs is not: docker's text, with what is near.</exception>
    public static IEnumerable<(string Source, string Written, string Resolved)> Select(IFileTree tree, CopyAction copy)
    {
        foreach (var source in copy.Sources)
        {
            var found = Select(tree, source, copy.KeepsLink);
            if (found.Count == 0 && copy.NeedsMatch)
                throw GantryException.NotFound($"{source} not found");
            foreach (var (written, resolved) in found)
            {
                foreach (var path in copy.Required)
                    _ = Resolve(tree, $"{resolved}/{path}") ?? throw Missing(tree, Clean($"{resolved}/{path}"));
                yield return (source, written, resolved);
            }
        }
    }

    private static List<(string Written, string Resolved)> Select(IFileTree tree, string source, bool keepsLink)
    {
        var clean = Clean(source);
        if (!PathPattern.HasWildcard(clean))
            return [(clean, Resolve(tree, clean, keepsLink) ?? throw Missing(tree, clean))];
        PathPattern.Validate(clean);
        var parts = clean.Split('/');
        var fixedParts = parts.TakeWhile(part => !PathPattern.HasWildcard(part)).ToList();
        var start = Resolve(tree, string.Join('/', fixedParts));
        if (start is null || tree.Find(start) is not { IsDirectory: true })
            return [];
        var found = new List<(string, string)>();
        Match(tree, start, string.Join('/', fixedParts), parts.AsSpan(fixedParts.Count), keepsLink, found);
        return found;
    }

    /// <summary>Without <c>.</c>, <c>..</c> and doubled slashes, relative to the root.</summary>
    public static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or ".."))
                parts.Add(part);
        }
        return string.Join('/', parts);
    }

    private static void Match(IFileTree tree, string folder, string written, ReadOnlySpan<string> parts, bool keepsLink, List<(string, string)> found)
    {
        foreach (var name in tree.List(folder))
        {
            if (!PathPattern.Matches(parts[0].Replace("**", "*", StringComparison.Ordinal), name))
                continue;
            var path = written.Length == 0 ? name : $"{written}/{name}";
            if (Resolve(tree, folder.Length == 0 ? name : $"{folder}/{name}", keepsLink && parts.Length == 1) is not { } resolved)
                continue;
            if (parts.Length == 1)
                found.Add((path, resolved));
            else if (tree.Find(resolved) is { IsDirectory: true })
                Match(tree, resolved, path, parts[1..], keepsLink, found);
        }
    }

    internal static GantryException Missing(IFileTree tree, string path)
    {
        var slash = path.LastIndexOf('/');
        var folder = slash < 0 ? "" : Resolve(tree, path[..slash]);
        var near = folder is not null && tree.Find(folder) is { IsDirectory: true }
            ? Dockerfile.Suggestion.For(path[(slash + 1)..], tree.List(folder)) : "";
        return GantryException.NotFound($"\"/{path}\": not found{near}");
    }
}
