using Gantry.Oci.Images;

namespace Gantry.Build.Cache;

/// <summary>What a result in the cache occupies. A result has a record by definition and one by content, and counts once.</summary>
public sealed record CacheUsage
{
    /// <summary>The key of one of its records.</summary>
    public required Digest Key { get; init; }

    /// <summary>What the step was called.</summary>
    public required string Description { get; init; }

    /// <summary>The bytes of the files of its own layer.</summary>
    public required long Size { get; init; }

    /// <summary>Whether an image has the layer as well: then nothing becomes free with it.</summary>
    public required bool IsShared { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>How often it was used.</summary>
    public required int Uses { get; init; }

    /// <summary>The results of records, the smallest first, as BuildKit lists them.</summary>
    /// <param name="entries">The records.</param>
    /// <param name="isInImage">Whether an image has a layer, by its chain ID.</param>
    public static IReadOnlyList<CacheUsage> Of(IEnumerable<CacheEntry> entries, Func<Digest, bool> isInImage) =>
        [.. entries.Where(entry => entry.Document.Layers is { Count: > 0 } layers && layers[^1].Created is not null)
            .GroupBy(entry => entry.Document.Layers[^1].ChainId)
            .Select(group => Of(group, isInImage(group.Key)))
            .OrderBy(usage => usage.Size).ThenBy(usage => usage.CreatedAt)];

    private static CacheUsage Of(IGrouping<Digest, CacheEntry> group, bool isShared)
    {
        var entry = group.OrderByDescending(one => one.Document.Parts.Count).ThenBy(one => one.Key).First();
        return new CacheUsage
        {
            Key = entry.Key,
            Description = entry.Document.Description,
            Size = entry.Document.Layers[^1].Size,
            IsShared = isShared,
            CreatedAt = group.Min(one => one.Document.CreatedAt),
            LastUsedAt = group.Max(one => one.Document.LastUsedAt),
            Uses = group.Max(one => one.Document.Uses),
        };
    }
}
