using System.Text.Json;
using Gantry.Oci.Json;

namespace Gantry.Engine.Migrate;

/// <summary>Looks into documents that somebody else wrote: what is not there, or not of the kind, is null.</summary>
internal static class DockerJson
{
    /// <summary>A document, or null when it is none.</summary>
    public static JsonElement? TryParse(ReadOnlyMemory<byte> content)
    {
        try
        {
            ForeignJson.Verify(content.Span);
            using var document = JsonDocument.Parse(content);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member that is not null.</summary>
    public static JsonElement? Member(this JsonElement document, string name) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>A text that is not empty.</summary>
    public static string? Text(this JsonElement document, string name) =>
        document.Member(name) is { ValueKind: JsonValueKind.String } member && member.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>Whether a member is true.</summary>
    public static bool Flag(this JsonElement document, string name) => document.Member(name) is { ValueKind: JsonValueKind.True };

    /// <summary>A table of texts; other values count as the text they are written as.</summary>
    public static Dictionary<string, string>? Texts(this JsonElement document, string name)
    {
        if (document.Member(name) is not { ValueKind: JsonValueKind.Object } member)
            return null;
        var texts = new Dictionary<string, string>();
        foreach (var one in member.EnumerateObject())
            texts[one.Name] = one.Value.ToString();
        return texts;
    }

    /// <summary>A list of texts.</summary>
    public static List<string>? List(this JsonElement document, string name) =>
        document.Member(name) is { ValueKind: JsonValueKind.Array } member ? [.. member.EnumerateArray().Select(static one => one.ToString())] : null;
}
