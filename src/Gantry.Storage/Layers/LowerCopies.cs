using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>Brings into a layer's own directory what an entry needs from the layers below: what overlayfs calls copy-up.</summary>
internal static class LowerCopies
{
    /// <returns>The time that the directory is to get when its content is complete.</returns>
    internal static FileTime CopyDirectoryAttributes(Fd lower, byte[] name, Fd directory)
    {
        var status = FileStatusReader.Read(lower, name);
        AttributeCopier.Copy(lower, name, status, directory);
        return status.Modified;
    }

    /// <summary>Copies a file that is no directory, so that a hard link can be made to it. False when there is none.</summary>
    internal static bool TryCopyFile(LayerDirectory directory, byte[] name)
    {
        if (directory.Lower is null || FileStatusReader.TryRead(directory.Lower, name, out _) is not { IsDirectory: false } status)
            return false;
        TreeCopier.CopyFile(directory.Lower, name, status, directory.Target, name);
        return true;
    }
}
