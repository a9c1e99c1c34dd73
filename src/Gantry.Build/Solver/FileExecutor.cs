using System.Text;
using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Build.Steps;
using Gantry.Build.Trees;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Solver;

/// <summary>Does what file operations say.</summary>
internal sealed class FileExecutor(LayerWorkshop workshop, FileStore files)
{
    public LayerResult Run(FileOperation operation, IReadOnlyList<StepResult?> inputs, SolveSession session, CancellationToken cancellation)
    {
        using var layer = workshop.Begin(BuildSolver.Layers(inputs[0]));
        var target = new TargetTree(layer.Mount, layer.Late);
        foreach (var action in operation.Actions)
        {
            switch (action)
            {
                case CopyAction copy:
                    using (var source = Open(inputs[copy.Input]))
                        new TreeTransfer(source, target, copy, session.Newest, files, cancellation).Run();
                    break;
                case MakeFileAction file:
                    MakeFile(target, file, session.Newest);
                    break;
                case MakeFolderAction folder:
                    MakeFolder(target, folder);
                    break;
                case MakeLinkAction link:
                    MakeLink(target, link, session.Newest);
                    break;
                case RemoveAction remove:
                    Remove(target, remove);
                    break;
            }
        }
        return layer.Commit(session.Lease, null, session.Newest, cancellation);
    }

    private IFileTree Open(StepResult? result) => result switch
    {
        FilesResult context => new FileSetTree(context.Files, files),
        LayerResult layers when workshop.OpenView(layers) is { } view => new MountTree(view),
        _ => new FileSetTree(new FileSet([]), files),
    };

    private static void MakeFolder(TargetTree target, MakeFolderAction folder)
    {
        var path = TreePaths.Clean(folder.Path);
        if (folder.NeedsFolder)
            target.OpenFolder(FileSet.ParentOf(path)).Dispose();
        target.EnsureFolder(path, folder.Mode, target.NumbersOf(folder.Owner), folder.Time).Folder.Dispose();
    }

    private static void MakeLink(TargetTree target, MakeLinkAction link, FileTime? newest)
    {
        var path = TreePaths.Clean(link.Path);
        var owner = target.NumbersOf(link.Owner);
        using var folder = FolderOf(target, link, path, owner);
        var name = Encoding.UTF8.GetBytes(path[(path.LastIndexOf('/') + 1)..]);
        if (FileStatusReader.TryRead(folder, name, out _) is not null)
            throw GantryException.Conflict($"symlink {link.Text} /{path}: file exists");
        FileNodes.MakeSymbolicLink(Encoding.UTF8.GetBytes(link.Text), folder, name);
        TargetTree.Check(FileMetadata.TrySetOwner(folder, name, owner.User, owner.Group), "set the owner of", path);
        if ((link.Time ?? newest) is { } time)
            TargetTree.Check(FileMetadata.TrySetTimes(folder, name, time, time), "set the times of", path);
    }

    /// <summary>The folder that something is made in.</summary>
    private static Fd FolderOf(TargetTree target, FileAction action, string path, (uint, uint) owner) =>
        action.NeedsFolder ? target.OpenFolder(FileSet.ParentOf(path))
            : target.EnsureFolder(FileSet.ParentOf(path), 0x1ed /* 0755 */, owner, action.Time).Folder;

    private static void MakeFile(TargetTree target, MakeFileAction file, FileTime? newest)
    {
        var path = TreePaths.Clean(file.Path);
        var owner = target.NumbersOf(file.Owner);
        using var folder = FolderOf(target, file, path, owner);
        var name = Encoding.UTF8.GetBytes(path[(path.LastIndexOf('/') + 1)..]);
        target.BeforeRemoving(folder, name);
        if (FileNodes.TryUnlink(folder, name) is var error && error != default && error != Errno.ENOENT)
            throw GantryException.Invalid($"cannot make the file /{path}: {error}");
        using var made = FileOpener.Open(folder, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180 /* 0600 */);
        FileData.Write(made, file.Content.Span);
        TargetTree.Check(FileMetadata.TrySetOwner(made, [], owner.User, owner.Group), "set the owner of", path);
        var permissions = file.Mode is null ? 0x1a4u /* 0644 */ : ModeText.Apply(file.Mode, 0x1a4, isDirectory: false);
        TargetTree.Check(FileMetadata.TrySetPermissions(made, permissions), "set the permissions of", path);
        TargetTree.SetTime(made, file.Time ?? newest, path);
    }

    private static void Remove(TargetTree target, RemoveAction remove)
    {
        var path = TreePaths.Clean(remove.Path);
        if (!remove.IsPattern || !PathPattern.HasWildcard(path))
        {
            Remove(target, path, remove.AllowMissing);
            return;
        }
        target.Late?.Settle();
        List<string> found = [];
        using (var tree = new MountTree(target.Root.Duplicate()))
            Match(tree, "", path.Split('/'), found);
        if (found.Count == 0 && !remove.AllowMissing)
            throw GantryException.NotFound($"\"/{path}\": not found");
        found.ForEach(one => Remove(target, one, allowMissing: true));
    }

    /// <summary>What a pattern means of the names themselves: links are not followed, so that they can be removed.</summary>
    private static void Match(MountTree tree, string folder, ReadOnlySpan<string> parts, List<string> found)
    {
        foreach (var name in tree.List(folder))
        {
            var path = folder.Length == 0 ? name : $"{folder}/{name}";
            if (!PathPattern.Matches(parts[0], name))
                continue;
            if (parts.Length == 1)
                found.Add(path);
            else if (tree.Find(path) is { IsDirectory: true })
                Match(tree, path, parts[1..], found);
        }
    }

    private static void Remove(TargetTree target, string path, bool allowMissing)
    {
        var folder = FileSet.ParentOf(path);
        var name = Encoding.UTF8.GetBytes(path[(path.LastIndexOf('/') + 1)..]);
        using var parent = FileOpener.TryOpenWithin(
            target.Root, folder.Length == 0 ? "."u8 : Encoding.UTF8.GetBytes(folder), OpenFlags.Directory, ResolveFlags.InRoot, 0, out _);
        target.Late?.Settle();
        if (parent is not null && FileStatusReader.TryRead(parent, name, out _) is not null)
            DirectoryTree.Remove(parent, name);
        else if (!allowMissing)
            throw GantryException.NotFound($"\"/{path}\": not found");
    }
}
