using Gantry.Build.Contexts;
using Gantry.Build.Solver;
using Gantry.Images;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Cache;

/// <summary>Knows what the cache occupies, and removes entries with what only they needed.</summary>
/// <param name="cache">The results of steps.</param>
/// <param name="mounts">The folders of cache mounts.</param>
/// <param name="contexts">What was sent of clients' folders.</param>
/// <param name="files">The contents of these.</param>
/// <param name="images">Collects the layers that nobody needs any more.</param>
/// <param name="root">The folder of all of it, for the space that is free.</param>
public sealed class CachePruner(BuildCache cache, CacheMounts mounts, ContextMemory contexts, FileStore files, ImageStore images, string root)
{
    /// <summary>All entries, the smallest first, as BuildKit lists them. Records of nothing but a base image occupy nothing, and are none.</summary>
    public IReadOnlyList<CacheUsage> Usages() =>
        [.. Items().Where(item => item.IsListed).Select(item => item.Usage).OrderBy(usage => usage.Size).ThenBy(usage => usage.CreatedAt)];

    /// <summary>The size of the disk that all of it lies on.</summary>
    public long DiskSize => Disk().Size;

    /// <summary>Removes entries.</summary>
    /// <param name="selections">Which: of what the first leaves the second chooses, and so on.</param>
    /// <param name="whileIdle">Runs something while no build does, as contexts may go only then; or does not, and gives 0.</param>
    /// <returns>What was removed, and how many bytes became free.</returns>
    public (IReadOnlyList<CacheUsage> Removed, long Freed) Prune(IReadOnlyList<CacheSelection> selections, Func<Func<long>, long> whileIdle)
    {
        var leaving = Choose([.. Items().OrderByDescending(static item => item.Usage.LastUsedAt)], selections);
        var before = Layers();
        var removed = leaving.Where(item => item.Usage.Kind != CacheKind.Context && item.Remove()).Select(item => item.Usage).ToList();
        var freed = removed.Where(usage => usage.Kind == CacheKind.Mount).Sum(usage => usage.Size) + FreeLayers(before);
        return (removed, freed + whileIdle(() => RemoveContexts(leaving, selections, removed)));
    }

    private List<Item> Choose(List<Item> items, IReadOnlyList<CacheSelection> selections)
    {
        var leaving = new List<Item>();
        foreach (var selection in selections)
        {
            // What is chosen already is as good as gone.
            var free = Disk().Available + SizeOf(items.Concat(leaving)) - SizeOf(items);
            var among = items.FindAll(item => item.Usage.Matches(selection.Filter));
            var going = Leaving(among, selection, selection.Bounds.Keep(SizeOf(among), free));
            items = items.Except(going).ToList();
            leaving.AddRange(going);
        }
        return leaving;
    }

    private static long SizeOf(IEnumerable<Item> items) =>
        items.SelectMany(static item => item.Parts).DistinctBy(static part => part.Name).Sum(static part => part.Size);

    private long RemoveContexts(List<Item> leaving, IReadOnlyList<CacheSelection> selections, List<CacheUsage> removed)
    {
        var contextsGone = leaving.Where(item => item.Usage.Kind == CacheKind.Context && item.Remove()).Select(item => item.Usage).ToList();
        removed.AddRange(contextsGone);
        // Contents that belong to no folder, such as those of archives, go with all contexts.
        return contextsGone.Count > 0 || selections.Any(static selection => s_anyContext.Matches(selection.Filter))
            ? files.RemoveAllBut(contexts.AllContents()) : 0;
    }

    private static readonly CacheUsage s_anyContext =
        new() { Id = "", Kind = CacheKind.Context, Description = "", Size = 0, CreatedAt = default, LastUsedAt = default, Uses = 0 };

    private FileSystemStatus Disk()
    {
        using var folder = FileOpener.Open(root, OpenFlags.Directory);
        return FileSystemStatus.Of(folder);
    }

    private static List<Item> Leaving(List<Item> items, CacheSelection selection, long keep)
    {
        var kept = new HashSet<string>();
        long size = 0;
        var leaving = new List<Item>();
        foreach (var item in items)
        {
            var added = item.Parts.Where(part => !kept.Contains(part.Name)).ToList();
            var bytes = added.Sum(part => part.Size);
            if (selection.MayGo(item.Usage) && (keep == 0 || size + bytes > keep))
            {
                leaving.Add(item);
                continue;
            }
            kept.UnionWith(added.Select(part => part.Name));
            size += bytes;
        }
        return leaving;
    }

    private long FreeLayers(Dictionary<Digest, long> before)
    {
        var after = Layers();
        if (after.Count == before.Count)
            return 0;
        images.CollectGarbage();
        var used = images.Images.SelectMany(image => image.Layers).Select(layer => layer.ChainId).ToHashSet();
        return before.Where(layer => !after.ContainsKey(layer.Key) && !used.Contains(layer.Key)).Sum(layer => layer.Value);
    }

    private Dictionary<Digest, long> Layers()
    {
        var layers = new Dictionary<Digest, long>();
        foreach (var layer in cache.Entries.SelectMany(entry => entry.Document.AllLayers))
            layers[layer.ChainId] = layer.Size;
        return layers;
    }

    private IEnumerable<Item> Items()
    {
        var known = images.KnownLayers();
        foreach (var group in cache.Entries.GroupBy(entry => entry.Document.AllLayers.LastOrDefault()?.ChainId ?? default))
            yield return ItemOf([.. group], known.ContainsKey(group.Key));
        foreach (var mount in mounts.List())
            yield return new Item(mount, [($"mount {mount.Id}", mount.Size)], IsListed: true, () => mounts.TryRemove(mount.Id));
        foreach (var context in contexts.List())
            yield return new Item(context, [($"context {context.Id}", context.Size)], IsListed: true, () => contexts.TryForget(context.Id));
    }

    private Item ItemOf(IReadOnlyList<CacheEntry> group, bool isShared)
    {
        var entry = group.OrderByDescending(one => one.Document.Parts.Count).ThenBy(one => one.Key).First();
        // What the step made itself: the topmost layer of its root, and of each mount that is a result.
        var own = entry.Document.Mounts.Prepend(entry.Document.Layers).Where(static layers => layers is [.., { Created: not null }])
            .Select(static layers => layers[^1]).ToList();
        var isOwn = own.Count > 0;
        var usage = new CacheUsage
        {
            Id = entry.Key.Hex,
            Kind = CacheKind.Step,
            Description = entry.Document.Description,
            Size = own.Sum(static layer => layer.Size),
            IsShared = isOwn && isShared,
            CreatedAt = group.Min(one => one.Document.CreatedAt),
            LastUsedAt = group.Max(one => one.Document.LastUsedAt),
            Uses = group.Max(one => one.Document.Uses),
        };
        return new Item(usage, [.. entry.Document.AllLayers.Select(static layer => (layer.ChainId.ToString(), layer.Size))], isOwn, () =>
            group.Count(one => cache.Remove(one.Key)) > 0);
    }

    /// <summary>Something that can be removed.</summary>
    /// <param name="Usage">What it is.</param>
    /// <param name="Parts">What it occupies; others may have the same parts.</param>
    /// <param name="IsListed">Whether people are told of it.</param>
    /// <param name="Remove">Removes it, unless it is gone or used.</param>
    private sealed record Item(CacheUsage Usage, IReadOnlyList<(string Name, long Size)> Parts, bool IsListed, Func<bool> Remove);
}
