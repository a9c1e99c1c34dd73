using Gantry.Build.Trees;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>Takes a folder of this machine as a context.</summary>
/// <param name="store">Where the files' content goes.</param>
public sealed class FolderReader(FileStore store)
{
    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder; nothing outside of it is read, whatever links are in it.</param>
    /// <param name="below">A folder in it that becomes the root; empty: itself.</param>
    /// <param name="cancellation">Stops it.</param>
    public FileSet Read(string folder, string below, CancellationToken cancellation)
    {
        using var root = FileOpener.Open(folder, OpenFlags.Directory);
        using var tree = new MountTree(root.Duplicate());
        var start = TreePaths.Resolve(tree, below) ?? throw Oci.GantryException.NotFound($"there is no folder {below}");
        var entries = new List<FileSetEntry>();
        Walk(tree, start, "", entries, cancellation);
        return new FileSet(entries);
    }

    private void Walk(MountTree tree, string folder, string below, List<FileSetEntry> entries, CancellationToken cancellation)
    {
        foreach (var name in tree.List(folder))
        {
            cancellation.ThrowIfCancellationRequested();
            var path = folder.Length == 0 ? name : $"{folder}/{name}";
            var shown = below.Length == 0 ? name : $"{below}/{name}";
            if (tree.Find(path) is not { } entry || entry.Kind is not (FileKind.Directory or FileKind.Regular or FileKind.SymbolicLink))
                continue;
            entries.Add(new FileSetEntry
            {
                Path = shown, Kind = entry.Kind, Permissions = entry.Permissions, Size = entry.Size, Modified = entry.Modified, LinkText = entry.LinkText,
                Content = entry.Kind == FileKind.Regular ? Take(tree.Open(path)) : default,
            });
            if (entry.IsDirectory)
                Walk(tree, path, shown, entries, cancellation);
        }
    }

    private Digest Take(Fd file)
    {
        using (file)
        using (var writer = store.Create())
        {
            var buffer = new byte[1 << 16];
            int count;
            while ((count = FileData.Read(file, buffer)) > 0)
                writer.Write(buffer.AsSpan(0, count));
            return writer.Commit();
        }
    }
}
