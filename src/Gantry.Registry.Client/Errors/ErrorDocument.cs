using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Registry.Client.Errors;

/// <summary>The body of a failed request, in the forms that registries and token services send.</summary>
internal sealed record ErrorDocument
{
    [JsonPropertyName("errors")]
    public List<ErrorEntry>? Errors { get; set; }

    /// <summary>Docker Hub's token service.</summary>
    [JsonPropertyName("details")]
    public JsonElement? Details { get; set; }

    /// <summary>Proxies and token services.</summary>
    [JsonPropertyName("message")]
    public JsonElement? Message { get; set; }

    /// <summary>OAuth 2 (RFC 6749, 5.2).</summary>
    [JsonPropertyName("error_description")]
    public JsonElement? Description { get; set; }

    /// <summary>Understands a body, or makes the best of it.</summary>
    internal static IReadOnlyList<RegistryError> Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var document = JsonSerializer.Deserialize(body, RegistryJson.Default.ErrorDocument);
            if (document?.Errors is { Count: > 0 } errors)
                return [.. errors.Where(error => error is not null).Select(error => error.ToError())];
            if ((Text(document?.Details) ?? Text(document?.Message) ?? Text(document?.Description)) is { } text)
                return [new RegistryError("", text)];
        }
        catch (JsonException)
        {
            // Web servers in front of registries answer with pages: the status has to do.
        }
        return [];
    }

    internal static string? Text(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => Shorten(text.GetString()!),
        { ValueKind: JsonValueKind.Object or JsonValueKind.Array } other => Shorten(other.GetRawText()),
        _ => null,
    };

    private static string Shorten(string text)
    {
        const int longest = 1024;
        var line = new string([.. text.Take(longest).Where(c => !char.IsControl(c))]);
        return text.Length > longest ? line + "..." : line;
    }
}

/// <summary>One entry of <see cref="ErrorDocument.Errors"/>; hostile registries send other types than strings.</summary>
internal sealed record ErrorEntry
{
    [JsonPropertyName("code")]
    public JsonElement? Code { get; set; }

    [JsonPropertyName("message")]
    public JsonElement? Message { get; set; }

    [JsonPropertyName("detail")]
    public JsonElement? Detail { get; set; }

    internal RegistryError ToError() =>
        new((ErrorDocument.Text(Code) ?? "").ToUpperInvariant(), ErrorDocument.Text(Message) ?? "", ErrorDocument.Text(Detail));
}
