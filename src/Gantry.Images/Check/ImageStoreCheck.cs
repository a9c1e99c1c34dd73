using Gantry.Storage.Snapshots;

namespace Gantry.Images.Check;

/// <summary>What was looked at, and what was found.</summary>
/// <param name="Findings">What should not be.</param>
/// <param name="Blobs">How many blobs were read.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record ContentCheckResult(IReadOnlyList<StoreFinding> Findings, int Blobs, long Bytes);

/// <summary>Checks everything that images have on the disk, while they may be used.</summary>
/// <param name="store">The images.</param>
/// <param name="snapshotter">Where their layers are unpacked.</param>
public sealed class ImageStoreCheck(ImageStore store, ISnapshotter snapshotter)
{
    /// <summary>Reads every blob and follows every reference.</summary>
    public async Task<ContentCheckResult> CheckContentAsync(CancellationToken cancellation)
    {
        var (findings, blobs, bytes) = await new ContentCheck(store).RunAsync(cancellation);
        return new ContentCheckResult(findings, blobs, bytes);
    }

    /// <summary>Looks at the folders of snapshots.</summary>
    public IReadOnlyList<StoreFinding> CheckLayers() => new LayerCheck(store, snapshotter).Run();

    /// <summary>Reads the index and what it leads to once more: to be called after repairs.</summary>
    public void Reload() => store.Reload();
}
