using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Oci.Images;

namespace Gantry.Cli.Manifests;

/// <summary>The manifest of one image, as a local list of manifests keeps it.</summary>
/// <param name="Reference">Where it comes from.</param>
/// <param name="Descriptor">Type, digest and size, and the platform that the list is to say.</param>
/// <param name="Raw">The document.</param>
internal sealed record StoredManifest(ImageReference Reference, Descriptor Descriptor, byte[] Raw)
{
    /// <summary>Reads docker's form.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static StoredManifest Read(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        try
        {
            var root = document.RootElement;
            return new StoredManifest(
                ImageReference.Parse(root.GetProperty("Ref").GetString() ?? ""),
                root.GetProperty("Descriptor").Deserialize(OciImageJson.Plain.Descriptor) ?? new Descriptor(),
                root.GetProperty("Raw").GetBytesFromBase64());
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or Oci.GantryException)
        {
            throw new JsonException(error.Message, error);
        }
    }

    /// <summary>Writes docker's form.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("Ref", Reference.Familiar);
        writer.WritePropertyName("Descriptor");
        JsonSerializer.Serialize(writer, Descriptor, OciImageJson.Plain.Descriptor);
        writer.WriteBase64String("Raw", Raw);
        writer.WritePropertyName(Descriptor.MediaType == MediaTypes.OciManifest ? "OCIManifest" : "SchemaV2Manifest");
        using (var document = JsonDocument.Parse(Raw))
            document.WriteTo(writer);
        writer.WriteEndObject();
    }
}
