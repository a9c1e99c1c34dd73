using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Filesystem;

/// <summary>Writes the whole root filesystem of a container, without what is mounted into it: <c>docker export</c>.</summary>
public sealed class ContainerExporter
{
    private const int BufferSize = 1 << 18;
    private readonly ISnapshotter _snapshots;
    private readonly ContainerEvents _events;

    internal ContainerExporter(ISnapshotter snapshots, ContainerEvents events)
    {
        _snapshots = snapshots;
        _events = events;
    }

    /// <summary>
    /// Writes the archive. The container may run: it is not stopped, and files that it changes meanwhile are as they were found. The files are read
    /// through a mount of their own, hence a process in the container cannot lead the archive elsewhere.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="output">Where to; an uncompressed tar archive. Nothing is written when the files cannot be opened.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">A layer of its image is missing.</exception>
    public async Task ExportAsync(Container container, Stream output, CancellationToken cancellation)
    {
        using var root = _snapshots.OpenMount(container.Id, readOnly: true);
        await BlockingStream.RunAsync(() =>
        {
            using var buffered = new BufferedStream(new BlockingStream(output, cancellation), BufferSize);
            LayerDiffer.WriteTree(root, buffered, cancellation);
            buffered.Flush();
            return true;
        });
        _events.Publish(container, "export");
    }
}
