using System.Text;
using Gantry.Oci.Filters;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>Leaves out of a context what its <c>.dockerignore</c> says: for contexts that no client has read.</summary>
/// <param name="store">Has the file's content.</param>
public sealed class ContextFilter(FileStore store)
{
    private const int MostBytes = 1 << 20;

    /// <summary>The context without what is ignored. The Dockerfile is found all the same, but not copied.</summary>
    /// <param name="files">The whole context.</param>
    /// <param name="dockerfile">The path of the Dockerfile; one named <c>X.dockerignore</c> beside it comes first.</param>
    /// <exception cref="GantryException">A pattern is malformed.</exception>
    public FileSet Apply(FileSet files, string dockerfile) => Without(files, PatternsOf(files, dockerfile));

    /// <summary>The context without what patterns name.</summary>
    public static FileSet Without(FileSet files, PatternList patterns) =>
        patterns.IsEmpty ? files : new FileSet(files.Entries.Where(entry => !patterns.Excludes(entry.Path)));

    /// <summary>What <see cref="Apply"/> leaves out.</summary>
    /// <inheritdoc cref="Apply"/>
    public PatternList PatternsOf(FileSet files, string dockerfile)
    {
        var found = files.Find($"{dockerfile}.dockerignore") ?? files.Find(".dockerignore");
        return found is { Kind: FileKind.Regular, Size: <= MostBytes } ? PatternList.Parse(Encoding.UTF8.GetString(store.ReadBytes(found.Content)))
            : PatternList.Empty;
    }

    /// <summary>The context as if one of its folders were its root.</summary>
    /// <exception cref="GantryException">There is no such folder.</exception>
    public static FileSet Below(FileSet files, string folder)
    {
        if (folder.Length == 0)
            return files;
        if (files.Find(folder) is not { Kind: FileKind.Directory })
            throw GantryException.NotFound($"there is no folder {folder} in the build context");
        return new FileSet(files.Entries.Where(entry => entry.Path.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(entry => entry with { Path = entry.Path[(folder.Length + 1)..] }));
    }
}
