using System.Text.Json.Serialization;
using Gantry.Build.Steps;
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

    /// <summary>What the key was made of: what each part is, and its digest. It tells later why a step was run.</summary>
    public IReadOnlyList<KeyPart> Parts { get; init; } = [];

    /// <summary>
    /// Of a record by definition: the key by content that the step had when it was noted. Default: of a record by content, or one that came from elsewhere.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Digest Content { get; init; }

    /// <summary>The layers of the result, the lowest first.</summary>
    public IReadOnlyList<CachedLayer> Layers { get; init; } = [];

    /// <summary>The layers of each mount that is a result as well.</summary>
    public IReadOnlyList<IReadOnlyList<CachedLayer>> Mounts { get; init; } = [];

    /// <summary>All layers, those of mounts included.</summary>
    [JsonIgnore]
    public IEnumerable<CachedLayer> AllLayers => Layers.Concat(Mounts.SelectMany(static layers => layers));

    /// <summary>The result.</summary>
    public LayerResult ToResult() => ToResult(Layers) with { Mounts = [.. Mounts.Select(ToResult)] };

    private static LayerResult ToResult(IReadOnlyList<CachedLayer> layers) => new(
        [.. layers.Select(layer => new ImageLayer(layer.Blob, layer.DiffId, layer.ChainId, layer.Size))], [.. layers.Select(layer => layer.Created)]);

    /// <summary>Of a result.</summary>
    public static IReadOnlyList<CachedLayer> LayersOf(LayerResult result) =>
        [.. result.Layers.Zip(result.Created, (layer, created) => new CachedLayer(layer.Blob, layer.DiffId, layer.ChainId, layer.Size, created))];
}

/// <summary>A part of a key.</summary>
/// <param name="What">What it is, e.g. <c>the command</c>: unique in a key.</param>
/// <param name="Value">Its digest.</param>
/// <param name="Subject">Whose it is, for people; it is not kept.</param>
public sealed record KeyPart(string What, string Value, [property: JsonIgnore] string? Subject = null)
{
    /// <inheritdoc/>
    public override string ToString() => Subject is null ? What : $"{What} {Subject}";
}

/// <summary>A layer of a cached result.</summary>
/// <param name="Blob">Its archive.</param>
/// <param name="DiffId">The digest of the plain archive.</param>
/// <param name="ChainId">Its identity on top of those below.</param>
/// <param name="Size">The bytes of its files.</param>
/// <param name="Created">When it was made; null: it is a base image's.</param>
public sealed record CachedLayer(Descriptor Blob, Digest DiffId, Digest ChainId, long Size, DateTimeOffset? Created);

/// <summary>What is known of a cache mount.</summary>
/// <param name="Description">What it is for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastUsedAt">When it was last used.</param>
/// <param name="Uses">How often.</param>
public sealed record CacheMountDocument(string Description, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, int Uses);

/// <summary>Reads and writes the files of the cache.</summary>
[JsonSerializable(typeof(CacheDocument))]
[JsonSerializable(typeof(CacheMountDocument))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CacheJson : JsonSerializerContext;
