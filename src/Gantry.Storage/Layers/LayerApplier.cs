using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Storage.Archives;
using Gantry.Storage.Compression;

namespace Gantry.Storage.Layers;

/// <summary>What applying a layer told about it.</summary>
/// <param name="DiffId">Digest of the uncompressed archive.</param>
/// <param name="ArchiveSize">Length of the uncompressed archive in bytes.</param>
/// <param name="ContentSize">Sum of the sizes of the files and symbolic links in it: what docker shows as the size of a layer.</param>
/// <param name="Entries">How many entries it has, whiteouts included.</param>
public sealed record AppliedLayer(Digest DiffId, long ArchiveSize, long ContentSize, int Entries);

/// <summary>
/// Unpacks the archive of a layer into a directory. The archive is not trusted: nothing is written, linked or removed outside the target,
/// whatever names and links it holds. Nothing is synced: unpacked layers are a cache of blobs.
/// </summary>
public static class LayerApplier
{
    /// <summary>Applies a layer.</summary>
    /// <param name="layer">The archive: tar, plain or compressed with gzip or zstd (found out by its first bytes). Read to its end; owned.</param>
    /// <param name="target">Where to; not owned.</param>
    /// <param name="expectedDiffId">What the uncompressed archive has to be; default: anything.</param>
    /// <param name="cancellation">Stops it; the target is then in no defined state and its snapshot is to be removed. So after an error.</param>
    /// <exception cref="GantryException">
    /// The archive is damaged, is another than expected, or cannot be unpacked: <c>layer entry x: …</c>.
    /// </exception>
    public static async Task<AppliedLayer> ApplyAsync(
        Stream layer, LayerTarget target, Digest expectedDiffId = default, CancellationToken cancellation = default)
    {
        // 1. Inflate, hash and write at the same time: the first two in the background, the last on a thread of its own.
        await using var source = await LayerSource.OpenAsync(layer, cancellation);
        // 2. Entry by entry into the target.
        var unpacker = new LayerUnpacker(target);
        await Task.Factory.StartNew(
            () => Unpack(unpacker, source, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        // 3. The bytes that were unpacked are those that were promised.
        var (diffId, size) = source.Finish();
        if (!expectedDiffId.IsEmpty && diffId != expectedDiffId)
            throw GantryException.Invalid($"layer has the diff ID {diffId} instead of the expected {expectedDiffId}");
        return new AppliedLayer(diffId, size, unpacker.ContentSize, unpacker.Entries);
    }

    private static void Unpack(LayerUnpacker unpacker, LayerSource source, CancellationToken cancellation)
    {
        try
        {
            unpacker.Unpack(new TarReader(source.Archive), cancellation);
        }
        catch (InvalidDataException error)
        {
            throw GantryException.Invalid($"layer {unpacker.Position}: {error.Message}", error);
        }
        catch (OsException error)
        {
            throw new GantryException(ErrorKind.System, $"layer {unpacker.Position}: {error.Message}", error);
        }
    }
}
