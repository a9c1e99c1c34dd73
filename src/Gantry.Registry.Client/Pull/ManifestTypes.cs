using System.Text.Json;
using System.Text.Json.Serialization;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;

namespace Gantry.Registry.Client.Pull;

/// <summary>The members that tell what a manifest is.</summary>
internal sealed record ManifestSketch
{
    [JsonPropertyName("schemaVersion")]
    public int? SchemaVersion { get; set; }

    [JsonPropertyName("mediaType")]
    public string? MediaType { get; set; }

    [JsonPropertyName("manifests")]
    public JsonElement? Manifests { get; set; }

    [JsonPropertyName("layers")]
    public JsonElement? Layers { get; set; }

    [JsonPropertyName("config")]
    public JsonElement? Config { get; set; }
}

/// <summary>Finds out which of the manifests that Gantry understands a document is, and refuses the others.</summary>
internal static class ManifestTypes
{
    private const string SchemaOne = "application/vnd.docker.distribution.manifest.v1";

    /// <summary>What a pull accepts, the newest first.</summary>
    internal static string Accept { get; } = string.Join(", ", MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerManifestList,
        MediaTypes.DockerManifest);

    /// <summary>Whether a type can be pulled.</summary>
    internal static bool IsKnown(string? type) => MediaTypes.IsIndex(type) || MediaTypes.IsManifest(type);

    /// <summary>The media type of a manifest.</summary>
    /// <param name="bytes">The manifest.</param>
    /// <param name="header">What Content-Type said, or null.</param>
    /// <param name="subject">What it is about, for errors.</param>
    /// <exception cref="RegistryException">It is of schema 1, of a type that is not known, or its type is told in two ways.</exception>
    internal static string Detect(ReadOnlyMemory<byte> bytes, string? header, RegistrySubject subject)
    {
        RefuseSchemaOne(header, subject);
        ManifestSketch sketch;
        try
        {
            sketch = JsonSerializer.Deserialize(bytes.Span, RegistryJson.Default.ManifestSketch) ?? new ManifestSketch();
        }
        catch (JsonException error)
        {
            throw RegistryException.Broken(subject, $"the manifest is not understood: {error.Message}", error);
        }
        RefuseSchemaOne(sketch.SchemaVersion == 1 ? SchemaOne : sketch.MediaType, subject);
        var named = string.IsNullOrEmpty(sketch.MediaType) ? null : sketch.MediaType;
        // A generic Content-Type comes from registries that are plain web servers: the document itself has to tell.
        var type = named ?? (IsGeneric(header) ? Guess(sketch) : header);
        if (!IsKnown(type))
            throw Unknown(type ?? header, subject);
        if (!IsGeneric(header) && header != type)
            throw RegistryException.Broken(subject, $"the registry calls the manifest {header}, the manifest calls itself {type}");
        return type!;
    }

    /// <summary>Refuses a type before anything of it is fetched.</summary>
    internal static void RefuseUnknown(string? type, RegistrySubject subject)
    {
        RefuseSchemaOne(type, subject);
        if (!IsGeneric(type) && !IsKnown(type))
            throw Unknown(type, subject);
    }

    private static bool IsGeneric(string? type) => type is null or "" or "application/json" or "text/plain" or "application/octet-stream";

    private static string? Guess(ManifestSketch sketch) =>
        sketch.SchemaVersion != 2 ? null : sketch.Manifests is not null ? MediaTypes.OciIndex
            : sketch is { Layers: not null, Config: not null } ? MediaTypes.OciManifest : null;

    private static RegistryException Unknown(string? type, RegistrySubject subject) => new(ErrorKind.InvalidArgument, subject,
        $"{subject}: unsupported media type {(string.IsNullOrEmpty(type) ? "(none)" : type)}: neither an image manifest nor an index");

    private static void RefuseSchemaOne(string? type, RegistrySubject subject)
    {
        if (type?.StartsWith(SchemaOne, StringComparison.Ordinal) == true)
        {
            throw new RegistryException(ErrorKind.InvalidArgument, subject,
                $"{subject}: the registry has this image only as \"manifest version 2, schema 1\", "
                + "which is no longer supported: push it again with a current tool, or ask its author to");
        }
    }
}
