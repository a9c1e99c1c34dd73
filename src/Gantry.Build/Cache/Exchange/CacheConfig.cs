using System.Text.Json.Serialization;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache.Exchange;

/// <summary>
/// What a cache that is handed on says of its layers, in BuildKit's form (<c>application/vnd.buildkit.cacheconfig.v0</c>): results by keys. A record of
/// ours has no inputs, as its key stands for all that it is made of.
/// </summary>
internal sealed record CacheConfig
{
    /// <summary>The type of the document.</summary>
    public const string MediaType = "application/vnd.buildkit.cacheconfig.v0";

    /// <summary>The layers of all results.</summary>
    [JsonPropertyName("layers")]
    public IReadOnlyList<CacheConfigLayer>? Layers { get; init; }

    /// <summary>The results.</summary>
    [JsonPropertyName("records")]
    public IReadOnlyList<CacheConfigRecord>? Records { get; init; }
}

/// <summary>A layer in its place.</summary>
internal sealed record CacheConfigLayer
{
    /// <summary>Its archive.</summary>
    [JsonPropertyName("blob")]
    public Digest Blob { get; init; }

    /// <summary>The number of the layer that it stands on; -1: of none. 0 is left out.</summary>
    [JsonPropertyName("parent")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Parent { get; init; }

    /// <summary>What else is known of it.</summary>
    [JsonPropertyName("annotations")]
    public CacheConfigAnnotations? Annotations { get; init; }
}

/// <summary>What is known of a layer.</summary>
internal sealed record CacheConfigAnnotations
{
    /// <summary>The type of its archive.</summary>
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; init; }

    /// <summary>The digest of the plain archive.</summary>
    [JsonPropertyName("diffID")]
    public string? DiffId { get; init; }

    /// <summary>The length of the archive.</summary>
    [JsonPropertyName("size")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Size { get; init; }

    /// <summary>When it was made; null, and the year 1: it is a base image's, whose history says it.</summary>
    [JsonPropertyName("createdAt")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>The results of a key.</summary>
internal sealed record CacheConfigRecord
{
    /// <summary>The key.</summary>
    [JsonPropertyName("digest")]
    public Digest Key { get; init; }

    /// <summary>The keys that it stands on, for other builders' records.</summary>
    [JsonPropertyName("inputs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<CacheConfigInput>>? Inputs { get; init; }

    /// <summary>Layers that the key comes to.</summary>
    [JsonPropertyName("layers")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CacheConfigResult>? Results { get; init; }
}

/// <summary>A key that another one stands on.</summary>
internal sealed record CacheConfigInput
{
    /// <summary>What of its files is used.</summary>
    [JsonPropertyName("selector")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Selector { get; init; }

    /// <summary>The number of its record.</summary>
    [JsonPropertyName("link")]
    public int Link { get; init; }
}

/// <summary>A result of a key.</summary>
internal sealed record CacheConfigResult
{
    /// <summary>The number of its topmost layer. 0 is left out.</summary>
    [JsonPropertyName("layer")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Layer { get; init; }

    /// <summary>When it was made.</summary>
    [JsonPropertyName("createdAt")]
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Reads and writes the documents of caches that are handed on.</summary>
[JsonSerializable(typeof(CacheConfig))]
[JsonSerializable(typeof(IReadOnlyList<CacheConfigRecord>))]
internal sealed partial class CacheConfigJson : JsonSerializerContext;
