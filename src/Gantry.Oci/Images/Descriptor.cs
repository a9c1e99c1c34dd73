using System.Text.Json.Serialization;

namespace Gantry.Oci.Images;

/// <summary>What refers to a blob: its type, digest and size (OCI image-spec, descriptor.md).</summary>
public sealed record Descriptor
{
    /// <summary>The type of the content; <see cref="MediaTypes"/> names those Gantry knows.</summary>
    [JsonPropertyName("mediaType")]
    public string MediaType { get; set; } = "";

    /// <summary>The digest of the content.</summary>
    [JsonPropertyName("digest")]
    public Digest Digest { get; set; }

    /// <summary>The length of the content in bytes.</summary>
    [JsonPropertyName("size")]
    public long Size { get; set; }

    /// <summary>Places to fetch the content from, for foreign layers.</summary>
    [JsonPropertyName("urls")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Urls { get; set; }

    /// <summary>Arbitrary key/value pairs.</summary>
    [JsonPropertyName("annotations")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>The content itself, base64 in JSON, when it is small.</summary>
    [JsonPropertyName("data")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Data { get; set; }

    /// <summary>What the content runs on, in an index.</summary>
    [JsonPropertyName("platform")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Platform? Platform { get; set; }

    /// <summary>The type of an artifact that the descriptor refers to.</summary>
    [JsonPropertyName("artifactType")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ArtifactType { get; set; }

    /// <summary>The value of an annotation, or null.</summary>
    public string? Annotation(string key) => Annotations is not null && Annotations.TryGetValue(key, out var value) ? value : null;
}
