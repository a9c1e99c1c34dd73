using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Copies;

/// <summary>Makes what something is to be mounted on.</summary>
public static class MountPlace
{
    /// <summary>Makes an empty directory or file at a path, with the directories above it, unless something is there.</summary>
    /// <param name="root">The root that links start at.</param>
    /// <param name="path">An absolute path without <c>..</c>.</param>
    /// <param name="isDirectory">What is to be made.</param>
    /// <exception cref="OsException">The file system refused.</exception>
    /// <exception cref="InvalidDataException">Something on the way is no directory.</exception>
    public static void Make(Fd root, string path, bool isDirectory)
    {
        using var target = new LayerTarget(root.Duplicate(), null, WhiteoutForm.Delete);
        using var directories = new LayerDirectories(target, (_, _) => { });
        var (parent, name) = EntryPath.Split(EntryPath.Clean(KernelPath.FromText(path)));
        if (isDirectory)
        {
            directories.Open(EntryPath.Clean(KernelPath.FromText(path)));
            return;
        }
        var error = FileNodes.TryMakeNode(directories.Open(parent).Target, name, FileKind.Regular, 0x1a4 /* 0644 */, default);
        if (error != default && error != Errno.EEXIST)
            throw new OsException($"make {path}", error);
    }
}
