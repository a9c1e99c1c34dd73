using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Answer of `GET /images/{name}/json`.</summary>
public sealed record ImageInspectResponse
{
    /// <summary>Digest of its configuration.</summary>
    public string Id { get; set; } = "";

    /// <summary>What the names refer to: a manifest, or an index of several; from 1.48 on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OciDescriptor? Descriptor { get; set; }

    /// <summary>The manifests behind the names, when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ImageManifestSummary>? Manifests { get; set; }

    /// <summary>Names with tag.</summary>
    public IReadOnlyList<string> RepoTags { get; set => field = value ?? []; } = [];

    /// <summary>Names with digest.</summary>
    public IReadOnlyList<string> RepoDigests { get; set => field = value ?? []; } = [];

    /// <summary>Image it was built from; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parent { get; set; }

    /// <summary>Remark.</summary>
    public string Comment { get; set; } = "";

    /// <summary>When it was made, if the configuration says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Created { get; set; }

    /// <summary>Version of the builder; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DockerVersion { get; set; }

    /// <summary>Author.</summary>
    public string Author { get; set; } = "";

    /// <summary>CPU architecture.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>Variant of the architecture.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Variant { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Operating system.</summary>
    public string Os { get; set; } = "";

    /// <summary>Version of the operating system.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OsVersion { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Bytes of all its layers, unpacked.</summary>
    public long Size { get; set; }

    /// <summary>Where its layers lie.</summary>
    public DriverData GraphDriver { get; set => field = value ?? new(); } = new();

    /// <summary>Its layers.</summary>
    public ImageRootFS RootFS { get; set => field = value ?? new(); } = new();

    /// <summary>What the engine knows beyond the image.</summary>
    public ImageMetadata Metadata { get; set => field = value ?? new(); } = new();

    /// <summary>The same as <see cref="Size"/>, for clients up to 1.43; null: later ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? VirtualSize { get; set; }

    /// <summary>When it was last used, if that is known; Gantry's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>The container that it was made from, for clients up to 1.44; nothing is known of it. Null: later ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImageContainerConfig? ContainerConfig { get; set; }

    /// <summary>Defaults of containers made from it.</summary>
    public ImageContainerConfig? Config { get; set; }
}

/// <summary>The layers of an image.</summary>
public sealed record ImageRootFS
{
    /// <summary>Always `layers`.</summary>
    public string Type { get; set; } = "";

    /// <summary>Digests of the unpacked layers, bottom first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Layers { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>What the engine knows of an image beyond its content.</summary>
public sealed record ImageMetadata
{
    /// <summary>When it last got a name; zero time: unknown.</summary>
    public DateTimeOffset LastTagTime { get; set; }
}

/// <summary>Defaults in an image for its containers.</summary>
public sealed record ImageContainerConfig
{
    /// <summary>User.</summary>
    public string User { get; set; } = "";

    /// <summary>Ports that the process listens on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; set; }

    /// <summary>Environment.</summary>
    public IReadOnlyList<string>? Env { get; set; }

    /// <summary>Entry point.</summary>
    public IReadOnlyList<string>? Entrypoint { get; set; }

    /// <summary>Command.</summary>
    public IReadOnlyList<string>? Cmd { get; set; }

    /// <summary>Health probe.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthConfig? Healthcheck { get; set; }

    /// <summary>Windows only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ArgsEscaped { get; set; }

    /// <summary>Mount points of anonymous volumes.</summary>
    public IReadOnlyDictionary<string, EmptyObject>? Volumes { get; set; }

    /// <summary>Working directory.</summary>
    public string WorkingDir { get; set; } = "";

    /// <summary>Instructions for a child image.</summary>
    public IReadOnlyList<string>? OnBuild { get; set; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    /// <summary>Signal that asks the process to end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StopSignal { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Shell of the shell forms.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Shell { get; set => field = OmitEmpty.Of(value); }
}
