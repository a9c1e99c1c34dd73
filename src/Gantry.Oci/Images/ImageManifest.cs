using System.Text.Json.Serialization;

namespace Gantry.Oci.Images;

/// <summary>The manifest of one image for one platform (OCI image-spec, manifest.md; Docker's schema 2 has the same form).</summary>
public sealed record ImageManifest
{
    /// <summary>Always 2.</summary>
    [JsonPropertyName("schemaVersion")]
    public int SchemaVersion { get; set; } = 2;

    /// <summary>The type of this document; OCI documents may lack it.</summary>
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; set; }

    /// <summary>The type of artifact, when this is not an image.</summary>
    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; set; }

    /// <summary>The image's configuration; its digest is the image's ID.</summary>
    [JsonPropertyName("config")]
    public Descriptor? Config { get; set; }

    /// <summary>The layers, the lowest first.</summary>
    [JsonPropertyName("layers")]
    public List<Descriptor> Layers { get; set => field = value ?? []; } = [];

    /// <summary>The manifest that this one is about (referrers).</summary>
    [JsonPropertyName("subject")]
    public Descriptor? Subject { get; set; }

    /// <summary>Arbitrary key/value pairs.</summary>
    [JsonPropertyName("annotations")]
    public Dictionary<string, string>? Annotations { get; set; }
}

/// <summary>A list of manifests, usually one for each platform (OCI image-spec, image-index.md), and the <c>index.json</c> of an OCI layout.</summary>
public sealed record ImageIndex
{
    /// <summary>Always 2.</summary>
    [JsonPropertyName("schemaVersion")]
    public int SchemaVersion { get; set; } = 2;

    /// <summary>The type of this document; OCI documents may lack it.</summary>
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; set; }

    /// <summary>The type of artifact, when this is not an image.</summary>
    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; set; }

    /// <summary>The manifests, or further indexes.</summary>
    [JsonPropertyName("manifests")]
    public List<Descriptor> Manifests { get; set => field = value ?? []; } = [];

    /// <summary>The manifest that this index is about (referrers).</summary>
    [JsonPropertyName("subject")]
    public Descriptor? Subject { get; set; }

    /// <summary>Arbitrary key/value pairs.</summary>
    [JsonPropertyName("annotations")]
    public Dictionary<string, string>? Annotations { get; set; }
}

/// <summary>The <c>oci-layout</c> file (OCI image-spec, image-layout.md).</summary>
public sealed record ImageLayout
{
    /// <summary>The file's content in every layout there is today.</summary>
    public const string CurrentVersion = "1.0.0";

    /// <summary>The version of the layout.</summary>
    [JsonPropertyName("imageLayoutVersion")]
    public string? ImageLayoutVersion { get; set; }
}

/// <summary>One image in <c>manifest.json</c> of a docker archive.</summary>
public sealed record DockerArchiveEntry
{
    /// <summary>The path of the configuration in the archive.</summary>
    [JsonPropertyName("Config")]
    public string Config { get; set => field = value ?? ""; } = "";

    /// <summary>The tags, in familiar form; null for none.</summary>
    [JsonPropertyName("RepoTags")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public List<string>? RepoTags { get; set; }

    /// <summary>The paths of the layers in the archive, the lowest first.</summary>
    [JsonPropertyName("Layers")]
    public List<string> Layers { get; set => field = value ?? []; } = [];

    /// <summary>Descriptors of the layers by diff ID, where the layers are compressed or foreign.</summary>
    [JsonPropertyName("LayerSources")]
    public Dictionary<string, Descriptor>? LayerSources { get; set; }
}
