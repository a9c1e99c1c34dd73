using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Oci.Filters;
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
        var excludes = PatternList.Of(copy.Excludes);
        foreach (var source in copy.Sources)
        {
            foreach (var (written, resolved) in TreePaths.Select(tree, source))
            {
                hasher.Add(written);
                Add(hasher, tree, resolved, "", excludes, cancellation);
            }
        }
        return hasher.Finish();
    }

    /// <summary>The digest of a whole folder or file.</summary>
    public static Digest Compute(IFileTree tree, string path, CancellationToken cancellation)
    {
        using var hasher = new OperationHasher();
        Add(hasher, tree, path, "", PatternList.Empty, cancellation);
        return hasher.Finish();
    }

    private static void Add(OperationHasher hasher, IFileTree tree, string path, string below, PatternList excludes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (tree.Find(path) is not { } entry)
            return;
        var isExcluded = below.Length > 0 && excludes.Excludes(below);
        if (!isExcluded)
        {
            hasher.Add(below).Add((long)entry.Kind).Add(entry.Permissions).Add(entry.UserId).Add(entry.GroupId).Add(entry.LinkText);
            if (entry.Kind == FileKind.Regular)
                hasher.Add(tree.ContentOf(path).ToString());
            foreach (var (name, value) in tree.AttributesOf(path))
                hasher.Add(name).Add(value);
        }
        if (!entry.IsDirectory || (isExcluded && !excludes.MayTakeBackBelow(below)))
            return;
        foreach (var name in tree.List(path))
            Add(hasher, tree, path.Length == 0 ? name : $"{path}/{name}", below.Length == 0 ? name : $"{below}/{name}", excludes, cancellation);
        hasher.Add(-2L);
    }
}
