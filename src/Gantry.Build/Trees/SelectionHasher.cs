using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Trees;

/// <summary>
/// Makes a digest of the files that a copy uses: names, kinds, permissions, owners, links and contents, but no times. Two selections with the same digest
/// give the same result.
/// </summary>
internal static class SelectionHasher
{
    /// <summary>The digest of what a copy takes.</summary>
    /// <exception cref="Oci.GantryException">A source is not there.</exception>
    public static Digest Compute(IFileTree tree, CopyAction copy, CancellationToken cancellation)
    {
        using var hasher = new OperationHasher();
        var patterns = new CopyPatterns(copy);
        foreach (var (_, written, resolved) in TreePaths.Select(tree, copy))
        {
            hasher.Add(written);
            Add(hasher, tree, resolved, "", patterns, [], cancellation);
        }
        return hasher.Finish();
    }

    /// <summary>The digest of a whole folder or file.</summary>
    public static Digest Compute(IFileTree tree, string path, CancellationToken cancellation)
    {
        using var hasher = new OperationHasher();
        Add(hasher, tree, path, "", null, [], cancellation);
        return hasher.Finish();
    }

    /// <param name="hasher">Gets what is found.</param>
    /// <param name="tree">The files.</param>
    /// <param name="path">What is looked at.</param>
    /// <param name="below">Its path below what is copied.</param>
    /// <param name="patterns">What is taken; null: everything.</param>
    /// <param name="waiting">Folders on the way that are no part of it unless something in them is.</param>
    /// <param name="cancellation">Stops it.</param>
    private static void Add(
        OperationHasher hasher, IFileTree tree, string path, string below, CopyPatterns? patterns, List<(string Below, string Path)> waiting,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (tree.Find(path) is not { } entry)
            return;
        var isTaken = below.Length == 0 || patterns is null || patterns.Take(below);
        if (isTaken)
        {
            foreach (var (folder, folderPath) in waiting)
                AddOne(hasher, tree, folder, folderPath);
            waiting.Clear();
            AddOne(hasher, tree, below, path);
        }
        if (!entry.IsDirectory || (!isTaken && !patterns!.MayTakeBelow(below)))
            return;
        if (!isTaken)
            waiting.Add((below, path));
        foreach (var name in tree.List(path))
            Add(hasher, tree, path.Length == 0 ? name : $"{path}/{name}", below.Length == 0 ? name : $"{below}/{name}", patterns, waiting, cancellation);
        if (waiting.Count > 0 && waiting[^1].Below == below)
            waiting.RemoveAt(waiting.Count - 1);
        else
            hasher.Add(-2L);
    }

    private static void AddOne(OperationHasher hasher, IFileTree tree, string below, string path)
    {
        if (tree.Find(path) is not { } entry)
            return;
        hasher.Add(below).Add((long)entry.Kind).Add(entry.Permissions).Add(entry.UserId).Add(entry.GroupId).Add(entry.LinkText);
        if (entry.Kind == FileKind.Regular)
            hasher.Add(tree.ContentOf(path).ToString());
        foreach (var (name, value) in tree.AttributesOf(path))
            hasher.Add(name).Add(value);
    }
}
