using Gantry.Storage.Layers;
using Gantry.Storage.Snapshots;

namespace Gantry.Storage.Trees;

/// <summary>Adds up what a walk visits: files, once each however many names they have, and the texts of symbolic links, as docker does.</summary>
internal sealed class TreeUsage
{
    private readonly HashSet<ulong> _counted = [];
    private long _bytes;
    private long _files;

    internal void Add(TreeChange change)
    {
        if (change.Status is not { } status || change.IsImplicit || (status.LinkCount > 1 && !status.IsDirectory && !_counted.Add(status.Inode)))
            return;
        _files++;
        _bytes += status.IsDirectory ? 0 : status.Size;
    }

    internal SnapshotUsage ToUsage() => new(_bytes, _files);
}
