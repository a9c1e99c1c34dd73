using Gantry.Images;
using Gantry.Images.Layers;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache.Exchange;

/// <summary>The results in a cache of others, by their keys: which layers, without their content.</summary>
internal sealed class RecordTable
{
    private readonly Dictionary<Digest, IReadOnlyList<OfferedLayer>> _results = [];

    /// <summary>How many results there are.</summary>
    public int Count => _results.Count;

    /// <summary>Takes what a document says. Records of other builders, whose keys stand on others, mean nothing here and are passed over.</summary>
    /// <param name="config">The document.</param>
    /// <param name="blobs">The types and lengths of the layers' archives.</param>
    /// <exception cref="GantryException">It contradicts itself.</exception>
    public static RecordTable Of(CacheConfig config, IReadOnlyList<Descriptor> blobs)
    {
        var table = new RecordTable();
        var layers = config.Layers ?? [];
        var known = blobs.Where(blob => MediaTypes.IsLayer(blob.MediaType)).DistinctBy(blob => blob.Digest).ToDictionary(blob => blob.Digest);
        foreach (var record in config.Records ?? [])
        {
            if (record.Inputs is { Count: > 0 } || record.Results is not [var result, ..])
                continue;
            if (Chain(layers, result.Layer, known) is { Count: > 0 } chain)
                table._results[record.Key] = chain;
        }
        return table;
    }

    /// <summary>Takes what another one has.</summary>
    public void Add(RecordTable other)
    {
        foreach (var (key, layers) in other._results)
            _results.TryAdd(key, layers);
    }

    /// <summary>The layers of a result, the lowest first; null: it is not known.</summary>
    public IReadOnlyList<OfferedLayer>? Find(Digest key) => _results.GetValueOrDefault(key);

    /// <summary>The other keys that come to the same: a step has one by definition and one by content.</summary>
    public IReadOnlyList<Digest> OthersLike(Digest key)
    {
        var top = _results[key][^1].ChainId;
        return [.. _results.Where(result => result.Key != key && result.Value.Count == _results[key].Count && result.Value[^1].ChainId == top)
            .Select(result => result.Key).Order()];
    }

    private static List<OfferedLayer>? Chain(IReadOnlyList<CacheConfigLayer> layers, int top, Dictionary<Digest, Descriptor> blobs)
    {
        var chain = new List<CacheConfigLayer>();
        for (var number = top; number >= 0; number = layers[number].Parent)
        {
            if (number >= layers.Count || chain.Count == layers.Count)
                throw GantryException.Invalid("the layers of the cache lead to nothing, or in a circle");
            chain.Add(layers[number]);
        }
        chain.Reverse();
        var result = new List<OfferedLayer>(chain.Count);
        foreach (var layer in chain)
        {
            // What a layer comes to has to be known before it is fetched.
            if (!Digest.TryParse(layer.Annotations?.DiffId, out var diffId) || !blobs.TryGetValue(layer.Blob, out var blob))
                return null;
            var below = result.Count > 0 ? result[^1].ChainId : default;
            var created = layer.Annotations!.CreatedAt is { Year: > 1 } time ? time : (DateTimeOffset?)null;
            result.Add(new OfferedLayer(blob, diffId, ChainId.Next(below, diffId), created));
        }
        return result;
    }
}

/// <summary>A layer that a cache of others has.</summary>
/// <param name="Blob">Its archive.</param>
/// <param name="DiffId">The digest of the plain archive.</param>
/// <param name="ChainId">Its identity on top of those below.</param>
/// <param name="Created">When it was made; null: it is a base image's.</param>
internal sealed record OfferedLayer(Descriptor Blob, Digest DiffId, Digest ChainId, DateTimeOffset? Created)
{
    /// <summary>As a layer whose size is not known yet.</summary>
    public ImageLayer ToLayer() => new(Blob, DiffId, ChainId, Blob.Size);
}
