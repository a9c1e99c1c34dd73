using Gantry.Images.Layers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;

namespace Gantry.Images.Store;

/// <summary>
/// Removes blobs and unpacked layers that no image needs. Whatever is being loaded or started meanwhile holds what it needs: blobs by a
/// <see cref="ContentLease"/>, layers by a <see cref="LayerHold"/>, until the catalog has the image.
/// </summary>
internal sealed class ImageGarbage(ContentStore content, ISnapshotter snapshotter, LayerHolds holds, Func<ImageCatalog> catalog)
{
    private readonly Lock _gate = new();

    /// <summary>Removes what is not needed.</summary>
    /// <returns>The chain IDs of the layers that were removed.</returns>
    internal IReadOnlyList<Digest> Collect()
    {
        lock (_gate)
        {
            var removed = CollectLayers();
            content.CollectGarbage(() => content.ReadIndex().Manifests);
            return removed;
        }
    }

    private List<Digest> CollectLayers()
    {
        var removed = new List<Digest>();
        var candidates = new List<(Digest ChainId, string? Parent)>();
        foreach (var snapshot in snapshotter.List())
        {
            if (!snapshot.Writable && Digest.TryParse(snapshot.Key, out var chainId) && !catalog().UsesChain(chainId))
                candidates.Add((chainId, snapshot.Parent));
        }
        // From the top downwards: a layer goes only when nothing stands on it.
        while (candidates.Count > 0)
        {
            var parents = candidates.Select(candidate => candidate.Parent).ToHashSet();
            var tops = candidates.Where(candidate => !parents.Contains(candidate.ChainId.ToString())).ToList();
            candidates.RemoveAll(tops.Contains);
            removed.AddRange(tops.Where(top => TryRemove(top.ChainId)).Select(top => top.ChainId));
        }
        return removed;
    }

    private bool TryRemove(Digest chainId) => holds.RemoveUnlessHeld(chainId, () =>
    {
        // Asked again under the lock: a load that has let go of its hold since is in the catalog by now.
        if (catalog().UsesChain(chainId))
            return false;
        try
        {
            return snapshotter.Remove(chainId.ToString());
        }
        catch (GantryException e) when (e.Kind == ErrorKind.Conflict)
        {
            // A container, or a held layer, stands on it.
            return false;
        }
    });
}
