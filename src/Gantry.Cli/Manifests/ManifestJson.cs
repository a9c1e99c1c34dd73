using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Oci.Images;

namespace Gantry.Cli.Manifests;

/// <summary>The documents of <c>manifest</c>, byte for byte as docker's client writes them: the digest of a pushed list is made of them.</summary>
internal static class ManifestJson
{
    /// <summary>A list of manifests. It is of OCI's type if the first of them is.</summary>
    public static byte[] List(IReadOnlyList<Descriptor> manifests) => Write(' ', 3, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", TypeOfList(manifests));
        writer.WriteStartArray("manifests");
        foreach (var manifest in manifests)
            WriteEntry(writer, manifest);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The type of that list.</summary>
    public static string TypeOfList(IReadOnlyList<Descriptor> manifests) =>
        manifests is [{ MediaType: MediaTypes.OciManifest }, ..] ? MediaTypes.OciIndex : MediaTypes.DockerManifestList;

    /// <summary>A document of any kind, indented by tabs.</summary>
    public static byte[] Tabbed(Action<Utf8JsonWriter> write) => Write('\t', 1, write);

    /// <summary>A document of any kind, in one line.</summary>
    public static byte[] Plain(Action<Utf8JsonWriter> write) => Write(null, 0, write);

    private static void WriteEntry(Utf8JsonWriter writer, Descriptor manifest)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", manifest.MediaType);
        writer.WriteNumber("size", manifest.Size);
        writer.WriteString("digest", manifest.Digest.ToString());
        writer.WritePropertyName("platform");
        JsonSerializer.Serialize(writer, manifest.Platform ?? new Platform(), OciImageJson.Plain.Platform);
        writer.WriteEndObject();
    }

    private static byte[] Write(char? indent, int size, Action<Utf8JsonWriter> write)
    {
        var layout = new JsonWriterOptions
        {
            Indented = indent is not null,
            IndentCharacter = indent ?? ' ',
            IndentSize = size,
            NewLine = "\n",
            Encoder = ApiJson.Wire.Options.Encoder,
        };
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, layout))
            write(writer);
        return buffer.ToArray();
    }
}
