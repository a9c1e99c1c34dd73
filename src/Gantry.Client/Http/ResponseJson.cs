using System.Text.Json;
using Gantry.Api.Model;

namespace Gantry.Client.Http;

/// <summary>
/// Reads the short answers that every <c>run</c> and <c>exec</c> waits for. The serializer would describe their types to itself first, by
/// reflection, which takes longer than reading them (see <see cref="RequestJson"/>).
/// </summary>
internal static class ResponseJson
{
    public static ContainerCreateResponse ContainerCreate(JsonElement answer) => new()
    {
        Id = answer.GetProperty("Id").GetString() ?? "",
        Warnings = answer.TryGetProperty("Warnings", out var warnings) && warnings.ValueKind == JsonValueKind.Array
            ? [.. warnings.EnumerateArray().Select(warning => warning.GetString() ?? "")]
            : [],
    };

    public static ContainerWaitResponse ContainerWait(JsonElement answer) => new()
    {
        StatusCode = answer.GetProperty("StatusCode").GetInt64(),
        Error = answer.TryGetProperty("Error", out var error) && error.ValueKind == JsonValueKind.Object
            ? new ContainerWaitExitError { Message = error.TryGetProperty("Message", out var message) ? message.GetString() ?? "" : "" }
            : null,
    };

    public static ExecCreateResponse ExecCreate(JsonElement answer) => new() { Id = answer.GetProperty("Id").GetString() ?? "" };

    /// <summary>Reads a document.</summary>
    /// <exception cref="JsonException">It is none, or has not the fields it should have.</exception>
    public static T Read<T>(byte[] body, Func<JsonElement, T> reader)
    {
        using var document = JsonDocument.Parse(body);
        try
        {
            return reader(document.RootElement);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException(error.Message, error);
        }
    }
}
