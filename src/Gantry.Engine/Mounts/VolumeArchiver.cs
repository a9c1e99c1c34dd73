using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;
using Gantry.Storage.Trees;
using Gantry.Volumes;

namespace Gantry.Engine.Mounts;

/// <summary>
/// What is in volumes, as a whole: into an archive, out of one, from one volume to another. A volume may be in use meanwhile: files that are changed are as
/// they were found. A new volume
/// appears when it is whole.
/// </summary>
public sealed class VolumeArchiver
{
    private const int BufferSize = 1 << 18;
    private readonly VolumeStore _volumes;
    private readonly VolumeMounts _mounts;

    internal VolumeArchiver(VolumeStore volumes, VolumeMounts mounts)
    {
        _volumes = volumes;
        _mounts = mounts;
    }

    /// <summary>Writes a volume's files as an uncompressed tar archive.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="open">Gives where to, once the volume could be opened.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">There is no such volume, or it cannot be mounted.</exception>
    public async Task ExportAsync(string name, Func<Stream> open, CancellationToken cancellation)
    {
        using var hold = _volumes.Hold(name);
        using var use = await Task.Run(() => _mounts.Open(name), cancellation);
        var output = open();
        await BlockingStream.RunAsync(() =>
        {
            using var buffered = new BufferedStream(new BlockingStream(output, cancellation), BufferSize);
            LayerDiffer.WriteTree(use.Folder, buffered, cancellation);
            buffered.Flush();
            return true;
        });
    }

    /// <summary>Unpacks an archive into a new volume, or into one that is empty.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="labels">Labels of a new one.</param>
    /// <param name="archive">The tar archive, plain or compressed with gzip or zstd; read to its end.</param>
    /// <param name="cancellation">Stops it; the volume is then not made, or empty again.</param>
    /// <exception cref="GantryException">The archive is damaged or would leave the volume; the volume is not empty (Conflict).</exception>
    public async Task<Volume> ImportAsync(string name, IReadOnlyDictionary<string, string>? labels, Stream archive, CancellationToken cancellation)
    {
        if (_volumes.Find(name) is { } existing)
        {
            if (labels is { Count: > 0 })
                throw GantryException.Conflict($"volume {name} exists: its labels cannot be changed");
            await _mounts.FillAsync(name, folder => UnpackAsync(archive, folder, cancellation));
            return existing;
        }
        using var draft = _volumes.Draft(name, labels);
        using (var folder = FileOpener.Open(draft.Folder, OpenFlags.ReadOnly | OpenFlags.Directory))
            await UnpackAsync(archive, folder, cancellation);
        return draft.Publish();
    }

    /// <summary>Copies a volume's files to a new volume; the blocks are shared until they are written where the file system can (XFS, btrfs).</summary>
    /// <param name="source">The volume.</param>
    /// <param name="name">The new one; null or empty: a name is made up.</param>
    /// <param name="labels">Its labels; null: those of the source.</param>
    /// <exception cref="GantryException">There is no such volume, it cannot be mounted, or the new name is taken or not allowed.</exception>
    public Task<Volume> CloneAsync(string source, string? name, IReadOnlyDictionary<string, string>? labels) => BlockingStream.RunAsync(() =>
    {
        using var hold = _volumes.Hold(source);
        var inherited = _volumes.Get(source).Labels?.Where(static label => label.Key != Volume.AnonymousLabel).ToDictionary();
        using var draft = _volumes.Draft(name, labels ?? inherited);
        using var use = _mounts.Open(source);
        using (var from = FileOpener.Open(use.Folder, "."u8, OpenFlags.ReadOnly | OpenFlags.Directory))
        using (var to = FileOpener.Open(draft.Folder, OpenFlags.ReadOnly | OpenFlags.Directory))
            TreeCopier.Copy(from, to);
        return draft.Publish();
    });

    private static async Task UnpackAsync(Stream archive, Fd folder, CancellationToken cancellation)
    {
        using var target = new LayerTarget(folder.Duplicate(), Lower: null, WhiteoutForm.None);
        await LayerApplier.ApplyAsync(archive, target, default, cancellation);
    }
}
