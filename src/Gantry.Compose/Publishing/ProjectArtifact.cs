using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gantry.Compose.Planning;
using Gantry.Oci.Images;

namespace Gantry.Compose.Publishing;

/// <summary>
/// A project as registries keep it: a manifest with a layer for each of its files, in the form of docker compose's <c>publish</c>. With version 1.1 of the
/// OCI's
/// specification the manifest says what it is by its <c>artifactType</c>, with 1.0 by the type of its configuration, which is empty in both.
/// </summary>
public static class ProjectArtifact
{
    /// <summary>The type of a project.</summary>
    public const string ArtifactType = "application/vnd.docker.compose.project";

    private const string ComposeType = "application/vnd.docker.compose.file+yaml";
    private const string VariablesType = "application/vnd.docker.compose.envfile";
    private const string EmptyConfigType = "application/vnd.docker.compose.config.empty.v1+json";
    private const string VersionKey = "com.docker.compose.version";
    private const string FileKey = "com.docker.compose.file";
    private const string VariablesKey = "com.docker.compose.envfile";
    private const string ExtendsKey = "com.docker.compose.extends";

    // Far more than any project has.
    private const int MostFiles = 1000;
    private const long MostBytes = 16 << 20;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The content of the configuration.</summary>
    public static ReadOnlyMemory<byte> EmptyConfig { get; } = "{}"u8.ToArray();

    /// <summary>The manifest of a project.</summary>
    /// <param name="files">Its files.</param>
    /// <param name="version">The version of the OCI's specification: 1.0 or 1.1.</param>
    /// <param name="created">When it was made.</param>
    /// <exception cref="ComposeException">There is no such version.</exception>
    public static byte[] Write(IReadOnlyList<PublishedFile> files, string version, DateTimeOffset created)
    {
        if (version is not ("1.0" or "1.1"))
            throw new ComposeException($"unsupported OCI version: {version}");
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, s_json))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 2);
            json.WriteString("mediaType", MediaTypes.OciManifest);
            if (version == "1.1")
                json.WriteString("artifactType", ArtifactType);
            json.WritePropertyName("config");
            WriteDescriptor(json, version == "1.1" ? MediaTypes.OciEmpty : EmptyConfigType, EmptyConfig.Span, []);
            json.WriteStartArray("layers");
            foreach (var file in files)
                WriteDescriptor(json, file.Kind == PublishedKind.Variables ? VariablesType : ComposeType, file.Content, Annotations(file));
            json.WriteEndArray();
            json.WriteStartObject("annotations");
            json.WriteString("org.opencontainers.image.created",
                created.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return memory.ToArray();
    }

    /// <summary>An index of the images of a project, which tells by its subject whose they are.</summary>
    /// <param name="project">The project's manifest.</param>
    /// <param name="images">The manifests of the images.</param>
    public static byte[] WriteImages(byte[] project, IReadOnlyList<Descriptor> images)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, s_json))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 2);
            json.WriteString("mediaType", MediaTypes.OciIndex);
            json.WriteStartArray("manifests");
            foreach (var image in images)
                JsonSerializer.Serialize(json, image, OciImageJson.Plain.Descriptor);
            json.WriteEndArray();
            json.WriteStartObject("subject");
            json.WriteString("mediaType", MediaTypes.OciManifest);
            json.WriteString("digest", Oci.Images.Digest.Compute(project).ToString());
            json.WriteNumber("size", project.Length);
            json.WriteStartObject("annotations");
            json.WriteString(VersionKey, Labels.ComposeVersion);
            json.WriteEndObject();
            json.WriteString("artifactType", ArtifactType);
            json.WriteEndObject();
            json.WriteStartObject("annotations");
            json.WriteString(VersionKey, Labels.ComposeVersion);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return memory.ToArray();
    }

    /// <summary>The files that a manifest names: what each is, its name, and the layer that holds it.</summary>
    /// <param name="reference">The project, for messages.</param>
    /// <param name="bytes">The manifest.</param>
    /// <exception cref="ComposeException">It is no project's, or asks for what no project has.</exception>
    public static IReadOnlyList<(PublishedKind Kind, string Name, Descriptor Layer)> Read(string reference, ReadOnlyMemory<byte> bytes)
    {
        var manifest = ImageDocument.ReadManifest(bytes).Value;
        if (manifest.ArtifactType != ArtifactType && manifest.Config?.MediaType != EmptyConfigType)
            throw new ComposeException($"{reference} is not a compose project OCI artifact, but {manifest.ArtifactType ?? manifest.Config?.MediaType}");
        if (manifest.Layers.Count > MostFiles)
            throw new ComposeException($"{reference}: a project of {manifest.Layers.Count} files is not taken");
        return [.. manifest.Layers.Select(layer => Read(reference, layer))];
    }

    private static (PublishedKind Kind, string Name, Descriptor Layer) Read(string reference, Descriptor layer)
    {
        var kind = layer.MediaType switch
        {
            ComposeType when layer.Annotation(ExtendsKey) == "true" => PublishedKind.Extended,
            ComposeType => PublishedKind.Compose,
            VariablesType => PublishedKind.Variables,
            _ => throw new ComposeException($"{reference}: a layer of type {layer.MediaType} is not understood"),
        };
        var name = layer.Annotation(kind == PublishedKind.Variables ? VariablesKey : FileKey) ?? "";
        // It becomes the name of a file: whoever made the project must not choose another place for it.
        if (kind != PublishedKind.Compose && (name.Length == 0 || name is "." or ".." or ArtifactFolder.FileName || name.AsSpan().ContainsAny("/\\\0")))
            throw new ComposeException($"{reference}: \"{name}\" is no name of a file");
        return layer.Size is >= 0 and <= MostBytes ? (kind, name, layer)
            : throw new ComposeException($"{reference}: a file of {layer.Size} bytes is not taken");
    }

    private static IEnumerable<(string Key, string Value)> Annotations(PublishedFile file)
    {
        // Sorted, as Go writes them.
        if (file.Kind == PublishedKind.Variables)
            yield return (VariablesKey, file.Name);
        if (file.Kind == PublishedKind.Extended)
            yield return (ExtendsKey, "true");
        if (file.Kind != PublishedKind.Variables)
            yield return (FileKey, file.Name);
        yield return (VersionKey, Labels.ComposeVersion);
    }

    private static void WriteDescriptor(Utf8JsonWriter json, string type, ReadOnlySpan<byte> content, IEnumerable<(string Key, string Value)> annotations)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", type);
        json.WriteString("digest", Oci.Images.Digest.Compute(content).ToString());
        json.WriteNumber("size", content.Length);
        var first = true;
        foreach (var (key, value) in annotations)
        {
            if (first)
                json.WriteStartObject("annotations");
            first = false;
            json.WriteString(key, value);
        }
        if (!first)
            json.WriteEndObject();
        json.WriteBase64String("data", content);
        json.WriteEndObject();
    }
}
