using Gantry.Images;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache;

/// <summary>Removes records of the cache and what only they needed.</summary>
/// <param name="cache">The records.</param>
/// <param name="images">Collects the layers that nobody needs any more.</param>
public sealed class CachePruner(BuildCache cache, ImageStore images)
{
    /// <summary>Removes the records that are selected.</summary>
    /// <returns>The keys, and how many bytes of layers became free.</returns>
    public (IReadOnlyList<Digest> Removed, long Freed) Prune(Func<CacheEntry, bool> selected)
    {
        var before = Layers();
        var removed = new List<Digest>();
        foreach (var entry in cache.Entries.Where(selected))
        {
            if (cache.Remove(entry.Key))
                removed.Add(entry.Key);
        }
        if (removed.Count == 0)
            return ([], 0);
        images.CollectGarbage();
        var after = Layers();
        var used = images.Images.SelectMany(image => image.Layers).Select(layer => layer.ChainId).ToHashSet();
        return (removed, before.Where(layer => !after.ContainsKey(layer.Key) && !used.Contains(layer.Key)).Sum(layer => layer.Value));
    }

    /// <summary>Removes what was used longest ago until the rest has at most so many bytes.</summary>
    public (IReadOnlyList<Digest> Removed, long Freed) ShrinkTo(long bytes, Func<CacheEntry, bool> selected)
    {
        var kept = new Dictionary<Digest, long>();
        var leaving = new HashSet<Digest>();
        foreach (var entry in cache.Entries.OrderByDescending(entry => entry.Document.LastUsedAt))
        {
            var added = entry.Document.Layers.Where(layer => !kept.ContainsKey(layer.ChainId)).ToList();
            if (selected(entry) && kept.Values.Sum() + added.Sum(layer => layer.Size) > bytes)
                leaving.Add(entry.Key);
            else
                added.ForEach(layer => kept[layer.ChainId] = layer.Size);
        }
        return Prune(entry => leaving.Contains(entry.Key));
    }

    private Dictionary<Digest, long> Layers()
    {
        var layers = new Dictionary<Digest, long>();
        foreach (var layer in cache.Entries.SelectMany(entry => entry.Document.Layers))
            layers[layer.ChainId] = layer.Size;
        return layers;
    }
}
