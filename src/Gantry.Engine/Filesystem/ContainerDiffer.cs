using System.Diagnostics;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Information;
using Gantry.Engine.Spec;
using Gantry.Storage.Archives;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Filesystem;

/// <summary>Tells what a container changed in its root filesystem: <c>docker diff</c>.</summary>
public sealed class ContainerDiffer
{
    private readonly ISnapshotter _snapshots;
    private readonly ActionTimes _times;

    internal ContainerDiffer(ISnapshotter snapshots, ActionTimes times) => (_snapshots, _times) = (snapshots, times);

    /// <summary>The changes by path; what was made to mount the engine's own files on is none.</summary>
    public IReadOnlyList<FilesystemChange> List(Container container)
    {
        var begun = Stopwatch.GetTimestamp();
        List<FilesystemChange> changes = [.. _snapshots.ListChanges(container.Id, SpecMounts.Placeholders)
            .Select(change => new FilesystemChange { Kind = (int)change.Kind, Path = change.Path })];
        _times.Took("changes", begun);
        return changes;
    }

    /// <summary>Writes the changes as the uncompressed archive of a layer.</summary>
    internal Task WriteAsync(Container container, Stream output, CancellationToken cancellation) => BlockingStream.RunAsync(() =>
    {
        _snapshots.WriteDiff(container.Id, output, SpecMounts.Placeholders, cancellation: cancellation);
        return true;
    });
}
