using System.Text.Json;

namespace Gantry.Cli.Contexts;

/// <summary>A named endpoint: <c>meta.json</c> of docker's client.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What the user says of it.</param>
/// <param name="Host">The address of the engine.</param>
/// <param name="SkipTlsVerify">Whether the engine need not prove who it is.</param>
internal sealed record ClientContext(string Name, string Description, string Host, bool SkipTlsVerify)
{
    /// <summary>The kind of endpoint that there is.</summary>
    public const string Endpoint = "docker";

    /// <summary>Reads a document.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ClientContext Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var root = JsonElement.ParseValue(ref reader);
        if (root.ValueKind != JsonValueKind.Object || Text(root, "Name") is not { Length: > 0 } name)
            throw new JsonException("not the document of a context");
        var endpoint = Member(Member(root, "Endpoints"), Endpoint);
        return new ClientContext(
            name, Text(Member(root, "Metadata"), "Description"), Text(endpoint, "Host"),
            Member(endpoint, "SkipTLSVerify").ValueKind == JsonValueKind.True);
    }

    /// <summary>The document.</summary>
    public byte[] ToJson()
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            WriteMembers(json);
            json.WriteEndObject();
        }
        return text.ToArray();
    }

    /// <summary>Writes the members that <c>context inspect</c> shows as well.</summary>
    public void WriteMembers(Utf8JsonWriter json)
    {
        json.WriteString("Name", Name);
        json.WriteStartObject("Metadata");
        if (Description.Length > 0)
            json.WriteString("Description", Description);
        json.WriteEndObject();
        json.WriteStartObject("Endpoints");
        json.WriteStartObject(Endpoint);
        if (Host.Length > 0)
            json.WriteString("Host", Host);
        json.WriteBoolean("SkipTLSVerify", SkipTlsVerify);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
