using System.Text;
using Gantry.Build.Dockerfile;
using Gantry.Build.Trees;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>Finds the Dockerfile in a build context.</summary>
/// <param name="store">Has the file's content.</param>
public sealed class ContextDockerfile(FileStore store)
{
    private const string Usual = "Dockerfile";
    private const int MostBytes = 8 << 20;

    /// <summary>Reads it; null: there is none. Links are followed inside the context.</summary>
    /// <inheritdoc cref="Read"/>
    public SourceFile? TryRead(FileSet files, string path)
    {
        using var tree = new FileSetTree(files, store);
        return FindUsual(tree, path) is { } found ? Open(tree, found, path) : null;
    }

    /// <summary>Reads it; links are followed inside the context.</summary>
    /// <param name="files">The context.</param>
    /// <param name="path">Its path in there. Instead of <c>Dockerfile</c> there may be <c>dockerfile</c>, as files were called once.</param>
    /// <exception cref="GantryException">There is none, or it is too large (InvalidArgument).</exception>
    public SourceFile Read(FileSet files, string path)
    {
        using var tree = new FileSetTree(files, store);
        var found = FindUsual(tree, path)
            ?? throw GantryException.Invalid($"failed to read dockerfile: open {path}: no such file or directory{Suggestion.For(path, tree.List(""))}");
        return Open(tree, found, path);
    }

    private static string? FindUsual(FileSetTree tree, string path) => Find(tree, path) ?? (path == Usual ? Find(tree, Usual.ToLowerInvariant()) : null);

    private SourceFile Open(FileSetTree tree, string found, string path)
    {
        var size = tree.Find(found)!.Value.Size;
        return size <= MostBytes ? new SourceFile(Path.GetFileName(found), Encoding.UTF8.GetString(store.ReadBytes(tree.ContentOf(found))))
            : throw GantryException.Invalid($"the Dockerfile {path} has {size} bytes, more than the {MostBytes} allowed");
    }

    private static string? Find(FileSetTree tree, string path) =>
        TreePaths.Resolve(tree, path) is { } found && tree.Find(found) is { Kind: FileKind.Regular } ? found : null;
}
