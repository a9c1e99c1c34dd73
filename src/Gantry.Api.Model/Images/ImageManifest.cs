using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>One manifest that an image's name leads to.</summary>
public sealed record ImageManifestSummary
{
    /// <summary>Its digest.</summary>
    public string ID { get; set; } = "";

    /// <summary>What refers to it.</summary>
    public OciDescriptor Descriptor { get; set => field = value ?? new(); } = new();

    /// <summary>Whether everything it refers to is here.</summary>
    public bool Available { get; set; }

    /// <summary>Its bytes here.</summary>
    public ImageManifestSize Size { get; set => field = value ?? new(); } = new();

    /// <summary>`image`, `attestation` or `unknown`.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Of an image.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImageManifestImage? ImageData { get; set; }

    /// <summary>Of an attestation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImageManifestAttestation? AttestationData { get; set; }
}

/// <summary>Bytes of a manifest and what it refers to.</summary>
public sealed record ImageManifestSize
{
    /// <summary>Blobs and unpacked files.</summary>
    public long Total { get; set; }

    /// <summary>Blobs.</summary>
    public long Content { get; set; }
}

/// <summary>An image for one platform.</summary>
public sealed record ImageManifestImage
{
    /// <summary>What it runs on.</summary>
    public OciPlatform Platform { get; set => field = value ?? new(); } = new();

    /// <summary>IDs of the containers made from it.</summary>
    public IReadOnlyList<string> Containers { get; set => field = value ?? []; } = [];

    /// <summary>Its unpacked files.</summary>
    public ImageManifestUnpackedSize Size { get; set => field = value ?? new(); } = new();
}

/// <summary>Bytes of unpacked files.</summary>
public sealed record ImageManifestUnpackedSize
{
    /// <summary>Bytes.</summary>
    public long Unpacked { get; set; }
}

/// <summary>An attestation.</summary>
public sealed record ImageManifestAttestation
{
    /// <summary>Digest of the manifest it is about.</summary>
    public string For { get; set; } = "";
}

/// <summary>What refers to a blob (OCI image-spec, descriptor.md).</summary>
public sealed record OciDescriptor
{
    /// <summary>Type of the content.</summary>
    [JsonPropertyName("mediaType")]
    public string MediaType { get; set; } = "";

    /// <summary>Digest of the content.</summary>
    [JsonPropertyName("digest")]
    public string Digest { get; set; } = "";

    /// <summary>Length of the content in bytes.</summary>
    [JsonPropertyName("size")]
    public long Size { get; set; }

    /// <summary>Places to fetch it from.</summary>
    [JsonPropertyName("urls")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Urls { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Arbitrary key/value pairs.</summary>
    [JsonPropertyName("annotations")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Annotations { get; set => field = OmitEmpty.Of(value); }

    /// <summary>The content itself, base64.</summary>
    [JsonPropertyName("data")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Data { get; set => field = OmitEmpty.Of(value); }

    /// <summary>What it runs on.</summary>
    [JsonPropertyName("platform")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OciPlatform? Platform { get; set; }

    /// <summary>Type of an artifact.</summary>
    [JsonPropertyName("artifactType")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ArtifactType { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>What an image runs on (OCI image-spec, image-index.md).</summary>
public sealed record OciPlatform
{
    /// <summary>Processor architecture.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; set; } = "";

    /// <summary>Operating system.</summary>
    [JsonPropertyName("os")]
    public string Os { get; set; } = "";

    /// <summary>Version of the operating system.</summary>
    [JsonPropertyName("os.version")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OsVersion { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Features of the operating system.</summary>
    [JsonPropertyName("os.features")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? OsFeatures { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Variant of the architecture.</summary>
    [JsonPropertyName("variant")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Variant { get; set => field = OmitEmpty.Of(value); }
}
