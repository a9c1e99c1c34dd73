using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Storage.Layers;

/// <summary>What applying a layer told about it.</summary>
/// <param name="DiffId">Digest of the uncompressed archive.</param>
/// <param name="ArchiveSize">Length of the uncompressed archive in bytes.</param>
/// <param name="ContentSize">Sum of the sizes of the files in it: what docker shows as the size of a layer.</param>
/// <param name="Entries">How many entries it has, whiteouts included.</param>
public sealed record AppliedLayer(Digest DiffId, long ArchiveSize, long ContentSize, int Entries);

/// <summary>Unpacks the archive of a layer into a directory.</summary>
public static class LayerApplier
{
    /// <summary>Applies a layer.</summary>
    /// <param name="layer">The archive: tar, plain or compressed with gzip or zstd (found out by its first bytes). Read to its end.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellation">Stops it; the target is then in no defined state and its snapshot is to be removed.</param>
    /// <exception cref="GantryException">The archive is damaged, or wants to write outside: <c>layer entry x: …</c>.</exception>
    public static Task<AppliedLayer> ApplyAsync(Stream layer, LayerTarget target, CancellationToken cancellation = default)
        => throw GantryException.NotImplemented("apply a layer");
}
