using System.Text.Json.Serialization;
using Gantry.Images;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache;

/// <summary>A record of the build cache as it lies on disk: one file each.</summary>
public sealed record CacheDocument
{
    /// <summary>What the step was called.</summary>
    public string Description { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>How often it was used.</summary>
    public int Uses { get; init; }

    /// <summary>The layers of the result, the lowest first.</summary>
    public IReadOnlyList<CachedLayer> Layers { get; init; } = [];

    /// <summary>The result.</summary>
    public IReadOnlyList<ImageLayer> ToLayers() => [.. Layers.Select(layer => new ImageLayer(layer.Blob, layer.DiffId, layer.ChainId, layer.Size))];
}

/// <summary>A layer of a cached result.</summary>
/// <param name="Blob">Its archive.</param>
/// <param name="DiffId">The digest of the plain archive.</param>
/// <param name="ChainId">Its identity on top of those below.</param>
/// <param name="Size">The bytes of its files.</param>
public sealed record CachedLayer(Descriptor Blob, Digest DiffId, Digest ChainId, long Size)
{
    /// <summary>Of a layer.</summary>
    public static CachedLayer Of(ImageLayer layer) => new(layer.Blob, layer.DiffId, layer.ChainId, layer.Size);
}

/// <summary>Reads and writes the files of the cache.</summary>
[JsonSerializable(typeof(CacheDocument))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CacheJson : JsonSerializerContext;
