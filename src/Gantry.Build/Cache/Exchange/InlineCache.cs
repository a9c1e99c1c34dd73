using System.Text.Json;
using Gantry.Build.Steps;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache.Exchange;

/// <summary>The cache in an image's own configuration: the records whose layers the image has.</summary>
internal static class InlineCache
{
    /// <summary>The value of <c>moby.buildkit.cache.v0</c>.</summary>
    public static JsonElement Create(IEnumerable<KnownResult> known, LayerResult image)
    {
        var places = image.Layers.Select((layer, i) => (layer.ChainId, i)).DistinctBy(pair => pair.ChainId).ToDictionary(pair => pair.ChainId, pair => pair.i);
        var records = known.Where(result => result.Result.Layers.Count > 0 && places.ContainsKey(result.Result.Layers[^1].ChainId))
            .Select(result => new CacheConfigRecord
            {
                Key = result.Key,
                Results = [new CacheConfigResult { Layer = places[result.Result.Layers[^1].ChainId], CreatedAt = result.CreatedAt }],
            }).OrderBy(record => record.Key).ToList();
        var bytes = JsonSerializer.SerializeToUtf8Bytes<IReadOnlyList<CacheConfigRecord>>(records, CacheConfigJson.Default.IReadOnlyListCacheConfigRecord);
        using var document = JsonDocument.Parse($"\"{Convert.ToBase64String(bytes)}\"");
        return document.RootElement.Clone();
    }

    /// <summary>When the layers of an image were made, as its history has it; null for what it does not tell.</summary>
    public static DateTimeOffset?[] TimesOf(ImageConfig config)
    {
        var times = (config.History ?? []).Where(entry => !entry.EmptyLayer).Select(entry => entry.CreatedAt).ToList();
        var count = config.RootFs?.DiffIds?.Count ?? 0;
        return times.Count == count ? [.. times] : new DateTimeOffset?[count];
    }
}

/// <summary>A result that a build knows.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Result">The layers.</param>
internal sealed record KnownResult(Digest Key, LayerResult Result)
{
    /// <summary>When it was made; the same for all who have it.</summary>
    public DateTimeOffset CreatedAt => Result.Created[^1] ?? DateTimeOffset.UnixEpoch;
}
