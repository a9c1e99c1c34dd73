using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Pipes;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Migrate;

/// <summary>Copies what a container changed, as overlayfs keeps it, into a writable snapshot of ours: files, deletions, owners, attributes, holes.</summary>
internal static class WritableLayer
{
    private const int PipeCapacity = 1 << 20;
    private const int BufferSize = 1 << 16;

    /// <summary>Copies; the files are on the disk when it ends.</summary>
    /// <param name="snapshots">Where the snapshot is.</param>
    /// <param name="key">The snapshot, empty so far.</param>
    /// <param name="upper">The upper directory of the other engine.</param>
    /// <param name="cancellation">Stops it; the snapshot is then to be removed.</param>
    /// <exception cref="Oci.GantryException">It cannot be unpacked.</exception>
    /// <exception cref="OsException">Something cannot be read.</exception>
    public static async Task CopyAsync(ISnapshotter snapshots, string key, Fd upper, CancellationToken cancellation)
    {
        using var target = snapshots.OpenTarget(key);
        using var lower = snapshots.Find(key)?.Parent is { } parent ? snapshots.OpenMount(parent, readOnly: true) : null;
        var (reader, writer) = Pipe.Create(PipeCapacity);
        // The one who fails closes his end, which ends the other: what the writer says is the cause then.
        var write = BlockingStream.RunAsync(() => Write(upper, lower, writer, cancellation));
        try
        {
            using (reader)
                await LayerApplier.ApplyAsync(new DescriptorStream(reader.Number), target, default, cancellation);
        }
        catch (Exception) when (write is { IsFaulted: true } && !IsClosedPipe(write.Exception!.InnerException))
        {
            await write;
            throw;
        }
        await write;
        FileSynchronization.SynchronizeFileSystem(target.Directory);
    }

    private static bool IsClosedPipe(Exception? error) => error is OsException { Errno: var errno } && errno == Errno.EPIPE;

    private static bool Write(Fd upper, Fd? lower, Fd writer, CancellationToken cancellation)
    {
        using (writer)
        {
            using var output = new BufferedStream(new DescriptorStream(writer.Number), BufferSize);
            LayerDiffer.WriteUpper(upper, lower, output, placeholders: null, cancellation: cancellation);
            output.Flush();
        }
        return true;
    }
}
