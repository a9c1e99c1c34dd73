using System.Text.Json;

namespace Gantry.Cli.Commands.Builds;

/// <summary>A change of a step, as the daemon tells it.</summary>
internal sealed record VertexEvent(string Digest, string Name, DateTimeOffset? Started, DateTimeOffset? Completed, bool Cached, string? Error, string? Reason);

/// <summary>Something that a step wrote.</summary>
internal sealed record LogEvent(string Vertex, byte[] Data, DateTimeOffset Time);

/// <summary>A document of progress, in BuildKit's form.</summary>
internal sealed record BuildEvents(IReadOnlyList<VertexEvent> Vertexes, IReadOnlyList<LogEvent> Logs, IReadOnlyList<string> Warnings)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="IOException">It is malformed.</exception>
    public static BuildEvents Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new BuildEvents(
                [.. List(document.RootElement, "vertexes").Select(Vertex)],
                [.. List(document.RootElement, "logs").Select(log => new LogEvent(
                    log.GetProperty("vertex").GetString()!, log.GetProperty("data").GetBytesFromBase64(), log.GetProperty("timestamp").GetDateTimeOffset()))],
                [.. List(document.RootElement, "warnings").Select(warning => System.Text.Encoding.UTF8.GetString(warning.GetProperty("short").GetBytesFromBase64()))]);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException)
        {
            throw new IOException($"the daemon sent progress that is not understood: {error.Message}", error);
        }
    }

    private static VertexEvent Vertex(JsonElement vertex) => new(
        vertex.GetProperty("digest").GetString()!, vertex.GetProperty("name").GetString()!, Time(vertex, "started"), Time(vertex, "completed"),
        vertex.TryGetProperty("cached", out var cached) && cached.GetBoolean(), Text(vertex, "error"), Text(vertex, "reason"));

    private static IEnumerable<JsonElement> List(JsonElement parent, string name) => parent.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    private static DateTimeOffset? Time(JsonElement parent, string name) => parent.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var text) ? text.GetString() : null;
}
