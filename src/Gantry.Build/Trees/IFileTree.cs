using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Trees;

/// <summary>What is known of a file in a tree.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Permissions">Permission bits.</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Modified">When its content last changed.</param>
/// <param name="LinkText">Where a link leads.</param>
/// <param name="Inode">Equal for several names of one file; 0: it has one name.</param>
/// <param name="Device">The device of a device node.</param>
internal readonly record struct TreeEntry(
    FileKind Kind, uint Permissions, uint UserId, uint GroupId, long Size, FileTime Modified, string LinkText, ulong Inode = 0, DeviceNumber Device = default)
{
    public bool IsDirectory => Kind == FileKind.Directory;
}

/// <summary>
/// Files to copy from: a context or the files of an image or stage. Paths are relative to its root, without <c>.</c> and <c>..</c>; the empty one is the
/// root. No link is followed by these methods: <see cref="TreePaths"/> does that, inside the tree.
/// </summary>
internal interface IFileTree : IDisposable
{
    /// <summary>What is at a path; null: nothing.</summary>
    TreeEntry? Find(string path);

    /// <summary>The names in a folder, in ordinal order.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Opens a regular file for reading.</summary>
    Fd Open(string path);

    /// <summary>The digest of a regular file's content.</summary>
    Digest ContentOf(string path);

    /// <summary>The extended attributes of a file.</summary>
    IReadOnlyList<(byte[] Name, byte[] Value)> AttributesOf(string path);
}
