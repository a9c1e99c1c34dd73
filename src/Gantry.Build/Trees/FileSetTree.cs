using Gantry.Build.Contexts;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Trees;

/// <summary>The files of a context.</summary>
internal sealed class FileSetTree(FileSet files, FileStore store) : IFileTree
{
    private static readonly TreeEntry s_root = new(FileKind.Directory, 0x1ed /* 0755 */, 0, 0, 0, default, "");

    public TreeEntry? Find(string path) => path.Length == 0 ? s_root
        : files.Find(path) is { } entry ? new TreeEntry(
            entry.Kind, entry.Permissions, entry.UserId, entry.GroupId, entry.Size, entry.Modified, entry.LinkText) : null;

    public IReadOnlyList<string> List(string folder) =>
        [.. files.ChildrenOf(folder).Select(entry => entry.Path[(folder.Length == 0 ? 0 : folder.Length + 1)..])];

    public Fd Open(string path) => store.Open(ContentOf(path));

    public Digest ContentOf(string path) => files.Find(path)?.Content ?? throw GantryException.NotFound($"\"/{path}\": not found");

    public IReadOnlyList<(byte[] Name, byte[] Value)> AttributesOf(string path) => [];

    public void Dispose()
    {
    }
}
