using System.Text.Json;

namespace Gantry.Cli.Commands.Builds;

/// <summary>A change of a step, as the daemon tells it.</summary>
internal sealed record VertexEvent(string Digest, string Name, DateTimeOffset? Started, DateTimeOffset? Completed, bool Cached, string? Error, string? Reason);

/// <summary>Something that a step wrote.</summary>
internal sealed record LogEvent(string Vertex, byte[] Data, DateTimeOffset Time);

/// <summary>Something doubtful.</summary>
internal sealed record WarningEvent(string Vertex, string Text);

/// <summary>The warnings of a build, for its end.</summary>
internal sealed class WarningList
{
    private readonly List<string> _texts = [];

    public void Take(IReadOnlyList<WarningEvent> warnings) => _texts.AddRange(warnings.Select(warning => warning.Text));

    /// <summary>Prints how many there are, and each in a line, as docker does; nothing when there are none.</summary>
    public void Print(TextWriter output)
    {
        if (_texts.Count == 0)
            return;
        output.Write($"\n {_texts.Count} warning{(_texts.Count == 1 ? "" : "s")} found (use --check to see the lines):\n");
        foreach (var text in _texts)
            output.Write($" - {text}\n");
    }
}

/// <summary>A document of progress, in BuildKit's form.</summary>
internal sealed record BuildEvents(IReadOnlyList<VertexEvent> Vertexes, IReadOnlyList<LogEvent> Logs, IReadOnlyList<WarningEvent> Warnings)
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
                [.. List(document.RootElement, "warnings").Select(warning => new WarningEvent(
                    warning.GetProperty("vertex").GetString()!, System.Text.Encoding.UTF8.GetString(warning.GetProperty("short").GetBytesFromBase64())))]);
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
