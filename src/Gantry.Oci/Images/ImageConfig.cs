using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Oci.Images;

/// <summary>
/// The configuration of an image (OCI image-spec, config.md) with Docker's extensions. Its bytes, as they were read, are the image:
/// it is never written again from these properties.
/// </summary>
public sealed record ImageConfig
{
    /// <summary>When the image was made, RFC 3339, as written (it may have more digits than .NET's ticks).</summary>
    [JsonPropertyName("created")]
    public string? Created { get; set; }

    /// <summary>Who made the image.</summary>
    [JsonPropertyName("author")]
    public string? Author { get; set; }

    /// <summary>The processor architecture, in Go's names.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; set => field = value ?? ""; } = "";

    /// <summary>The variant of the architecture, e.g. <c>v7</c>.</summary>
    [JsonPropertyName("variant")]
    public string? Variant { get; set; }

    /// <summary>The operating system, in Go's names.</summary>
    [JsonPropertyName("os")]
    public string Os { get; set => field = value ?? ""; } = "";

    /// <summary>The version of the operating system (Windows).</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; set; }

    /// <summary>Features that the operating system must have (Windows).</summary>
    [JsonPropertyName("os.features")]
    public List<string>? OsFeatures { get; set; }

    /// <summary>What a container of the image runs, unless it is told otherwise.</summary>
    [JsonPropertyName("config")]
    public ImageRunConfig? Config { get; set; }

    /// <summary>The digests of the uncompressed layers.</summary>
    [JsonPropertyName("rootfs")]
    public ImageRootFs? RootFs { get; set; }

    /// <summary>How each layer came to be, the oldest first.</summary>
    [JsonPropertyName("history")]
    public List<ImageHistory>? History { get; set; }

    /// <summary>Docker: the message of commit or import.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; set; }

    /// <summary>Docker: the container that was committed.</summary>
    [JsonPropertyName("container")]
    public string? Container { get; set; }

    /// <summary>Docker: the version of the engine that made the image.</summary>
    [JsonPropertyName("docker_version")]
    public string? DockerVersion { get; set; }

    /// <summary>BuildKit: the records of a build's cache, base64 of JSON. It is this image's alone: what is made of an image does not take it over.</summary>
    [JsonPropertyName("moby.buildkit.cache.v0")]
    public JsonElement? InlineCache { get; set; }

    /// <summary><see cref="Created"/> as a time, or null when it is absent or malformed.</summary>
    [JsonIgnore]
    public DateTimeOffset? CreatedAt => Timestamps.Parse(Created);

    /// <summary>The platform that the image runs on.</summary>
    [JsonIgnore]
    public Platform Platform => new() { Os = Os, Architecture = Architecture, Variant = Variant, OsVersion = OsVersion, OsFeatures = OsFeatures };
}

/// <summary>What a container of an image runs, unless it is told otherwise (OCI image-spec, config.md, with Docker's extensions).</summary>
public sealed record ImageRunConfig
{
    /// <summary>User, or <c>user:group</c>, by name or number.</summary>
    [JsonPropertyName("User")]
    public string? User { get; set; }

    /// <summary>Ports as <c>80/tcp</c>.</summary>
    [JsonPropertyName("ExposedPorts")]
    public Dictionary<string, EmptyObject>? ExposedPorts { get; set; }

    /// <summary>Environment as <c>NAME=value</c>.</summary>
    [JsonPropertyName("Env")]
    public List<string>? Env { get; set; }

    /// <summary>The command that always runs.</summary>
    [JsonPropertyName("Entrypoint")]
    public List<string>? Entrypoint { get; set; }

    /// <summary>The command, or the arguments of <see cref="Entrypoint"/>.</summary>
    [JsonPropertyName("Cmd")]
    public List<string>? Cmd { get; set; }

    /// <summary>Docker: a health check.</summary>
    [JsonPropertyName("Healthcheck")]
    public ImageHealthcheck? Healthcheck { get; set; }

    /// <summary>Docker, Windows: <see cref="Cmd"/> is one escaped command line.</summary>
    [JsonPropertyName("ArgsEscaped")]
    public bool? ArgsEscaped { get; set; }

    /// <summary>Folders that get an anonymous volume.</summary>
    [JsonPropertyName("Volumes")]
    public Dictionary<string, EmptyObject>? Volumes { get; set; }

    /// <summary>The working directory.</summary>
    [JsonPropertyName("WorkingDir")]
    public string? WorkingDir { get; set; }

    /// <summary>Docker: instructions that run when the image is built upon.</summary>
    [JsonPropertyName("OnBuild")]
    public List<string>? OnBuild { get; set; }

    /// <summary>Arbitrary key/value pairs.</summary>
    [JsonPropertyName("Labels")]
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>The signal that asks the container to end, e.g. <c>SIGTERM</c>.</summary>
    [JsonPropertyName("StopSignal")]
    public string? StopSignal { get; set; }

    /// <summary>Docker: seconds between that signal and SIGKILL.</summary>
    [JsonPropertyName("StopTimeout")]
    public int? StopTimeout { get; set; }

    /// <summary>Docker: the shell of shell-form commands.</summary>
    [JsonPropertyName("Shell")]
    public List<string>? Shell { get; set; }
}

/// <summary>Docker's health check of an image; times in nanoseconds, 0 means the default.</summary>
public sealed record ImageHealthcheck
{
    /// <summary>Empty: inherit; <c>NONE</c>; <c>CMD</c> and arguments; <c>CMD-SHELL</c> and a command line.</summary>
    [JsonPropertyName("Test")]
    public List<string>? Test { get; set; }

    /// <summary>Time between checks.</summary>
    [JsonPropertyName("Interval")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Interval { get; set; }

    /// <summary>How long one check may take.</summary>
    [JsonPropertyName("Timeout")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Timeout { get; set; }

    /// <summary>How long failures do not count after the start.</summary>
    [JsonPropertyName("StartPeriod")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartPeriod { get; set; }

    /// <summary>Time between checks during the start period.</summary>
    [JsonPropertyName("StartInterval")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartInterval { get; set; }

    /// <summary>Failures in a row that make the container unhealthy.</summary>
    [JsonPropertyName("Retries")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Retries { get; set; }
}

/// <summary>The layers of an image by the digests of their uncompressed content.</summary>
public sealed record ImageRootFs
{
    /// <summary>Always <c>layers</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set => field = value ?? ""; } = "layers";

    /// <summary>The digests, the lowest layer first.</summary>
    [JsonPropertyName("diff_ids")]
    public List<Digest> DiffIds { get; set => field = value ?? []; } = [];
}

/// <summary>How one layer, or one change of configuration, came to be.</summary>
public sealed record ImageHistory
{
    /// <summary>When, RFC 3339, as written.</summary>
    [JsonPropertyName("created")]
    public string? Created { get; set; }

    /// <summary>The command.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; set; }

    /// <summary>Who.</summary>
    [JsonPropertyName("author")]
    public string? Author { get; set; }

    /// <summary>A message.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; set; }

    /// <summary>True when it made no layer.</summary>
    [JsonPropertyName("empty_layer")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EmptyLayer { get; set; }

    /// <summary><see cref="Created"/> as a time, or null when it is absent or malformed.</summary>
    [JsonIgnore]
    public DateTimeOffset? CreatedAt => Timestamps.Parse(Created);
}

/// <summary>The JSON object <c>{}</c>, with which Docker writes sets.</summary>
public sealed record EmptyObject;

/// <summary>RFC 3339 times of image documents.</summary>
internal static class Timestamps
{
    internal static DateTimeOffset? Parse(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
