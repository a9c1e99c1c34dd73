using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Layers;

/// <summary>
/// What this layer wrote, by inode: a whiteout applies to the layers below only, and where these share the directory with the layer it
/// has to be known which is which (OCI image-spec, layer.md, "Whiteouts").
/// </summary>
internal sealed class CreatedFiles
{
    private readonly HashSet<ulong> _inodes = [];

    internal void Add(Fd directory, ReadOnlySpan<byte> name) => _inodes.Add(FileStatusReader.Read(directory, name).Inode);

    internal bool Contains(in FileStatus status) => _inodes.Contains(status.Inode);
}
