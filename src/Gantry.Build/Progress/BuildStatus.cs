using System.Text.Json.Serialization;

namespace Gantry.Build.Progress;

/// <summary>A step of progress in the form of BuildKit's <c>SolveStatus</c>: what <c>--progress=rawjson</c> prints, a line each.</summary>
public sealed record BuildStatus
{
    /// <summary>Steps that began, ended or changed.</summary>
    [JsonPropertyName("vertexes")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StatusVertex>? Vertexes { get; init; }

    /// <summary>How far parts of them are.</summary>
    [JsonPropertyName("statuses")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StatusPart>? Statuses { get; init; }

    /// <summary>What they wrote.</summary>
    [JsonPropertyName("logs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StatusLog>? Logs { get; init; }

    /// <summary>What is doubtful in the Dockerfile.</summary>
    [JsonPropertyName("warnings")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StatusWarning>? Warnings { get; init; }
}

/// <summary>A step.</summary>
public sealed record StatusVertex
{
    /// <summary>What names it in this build.</summary>
    [JsonPropertyName("digest")]
    public required string Digest { get; init; }

    /// <summary>What it stands on.</summary>
    [JsonPropertyName("inputs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Inputs { get; init; }

    /// <summary>What it is called.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>When it began.</summary>
    [JsonPropertyName("started")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    [JsonPropertyName("completed")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Completed { get; init; }

    /// <summary>Whether its result was known.</summary>
    [JsonPropertyName("cached")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Cached { get; init; }

    /// <summary>Why it failed.</summary>
    [JsonPropertyName("error")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>Why it was run; for <c>--explain</c>.</summary>
    [JsonPropertyName("reason")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The instruction as written; for the classic stream.</summary>
    [JsonIgnore]
    public string? Instruction { get; init; }
}

/// <summary>A part of a step.</summary>
public sealed record StatusPart
{
    /// <summary>What it is called.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>The step.</summary>
    [JsonPropertyName("vertex")]
    public required string Vertex { get; init; }

    /// <summary>What is done.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    /// <summary>Of how much.</summary>
    [JsonPropertyName("total")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Total { get; init; }

    /// <summary>How much.</summary>
    [JsonPropertyName("current")]
    public long Current { get; init; }

    /// <summary>Now.</summary>
    [JsonPropertyName("timestamp")]
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>When it began.</summary>
    [JsonPropertyName("started")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    [JsonPropertyName("completed")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Completed { get; init; }
}

/// <summary>Something that a step wrote.</summary>
public sealed record StatusLog
{
    /// <summary>The step.</summary>
    [JsonPropertyName("vertex")]
    public required string Vertex { get; init; }

    /// <summary>1: output, 2: errors.</summary>
    [JsonPropertyName("stream")]
    public required int Stream { get; init; }

    /// <summary>The bytes.</summary>
    [JsonPropertyName("data")]
    public required byte[] Data { get; init; }

    /// <summary>When.</summary>
    [JsonPropertyName("timestamp")]
    public DateTimeOffset Timestamp { get; init; }
}

/// <summary>Something doubtful.</summary>
public sealed record StatusWarning
{
    /// <summary>The step.</summary>
    [JsonPropertyName("vertex")]
    public string Vertex { get; init; } = "";

    /// <summary>How much it matters.</summary>
    [JsonPropertyName("level")]
    public int Level { get; init; } = 1;

    /// <summary>In short.</summary>
    [JsonPropertyName("short")]
    public required byte[] Short { get; init; }

    /// <summary>More of it, line by line.</summary>
    [JsonPropertyName("detail")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<byte[]>? Detail { get; init; }

    /// <summary>Where it is explained.</summary>
    [JsonPropertyName("url")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    /// <summary>The file that it is about.</summary>
    [JsonPropertyName("sourceInfo")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatusSource? Source { get; init; }

    /// <summary>The lines that it is about.</summary>
    [JsonPropertyName("range")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StatusRange>? Ranges { get; init; }
}

/// <summary>A file that something is about.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Data">Its content.</param>
/// <param name="Language">What it is written in.</param>
public sealed record StatusSource(
    [property: JsonPropertyName("filename")] string Name, [property: JsonPropertyName("data")] byte[] Data,
    [property: JsonPropertyName("language")] string Language);

/// <summary>Lines of a file.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">The last.</param>
public sealed record StatusRange([property: JsonPropertyName("start")] StatusPosition Start, [property: JsonPropertyName("end")] StatusPosition End);

/// <summary>A place in a file.</summary>
/// <param name="Line">The line, from 1.</param>
public sealed record StatusPosition([property: JsonPropertyName("line")] int Line);

/// <summary>Reads and writes progress.</summary>
[JsonSerializable(typeof(BuildStatus))]
public sealed partial class BuildStatusJson : JsonSerializerContext;
