using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>One message of a progress stream (load, import, pull, push, build).</summary>
public sealed record ProgressMessage
{
    /// <summary>Text to be shown as it is.</summary>
    [JsonPropertyName("stream")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Stream { get; set => field = OmitEmpty.Of(value); }

    /// <summary>What is being done.</summary>
    [JsonPropertyName("status")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; set => field = OmitEmpty.Of(value); }

    /// <summary>How far.</summary>
    [JsonPropertyName("progressDetail")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProgressDetail? ProgressDetail { get; set; }

    /// <summary>What it is done to.</summary>
    [JsonPropertyName("id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; set => field = OmitEmpty.Of(value); }

    /// <summary>How far, drawn.</summary>
    [JsonPropertyName("progress")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Progress { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Why it failed.</summary>
    [JsonPropertyName("error")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; set => field = OmitEmpty.Of(value); }

    /// <summary>The same, with a code.</summary>
    [JsonPropertyName("errorDetail")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ErrorDetail? ErrorDetail { get; set; }

    /// <summary>A result for programs.</summary>
    [JsonPropertyName("aux")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Aux { get; set; }
}

/// <summary>How far something has come.</summary>
public sealed record ProgressDetail
{
    /// <summary>Done.</summary>
    [JsonPropertyName("current")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Current { get; set; }

    /// <summary>To be done; 0: unknown.</summary>
    [JsonPropertyName("total")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Total { get; set; }
}

/// <summary>An error inside a stream.</summary>
public sealed record ErrorDetail
{
    /// <summary>Exit code, if a process failed.</summary>
    [JsonPropertyName("code")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Code { get; set; }

    /// <summary>The text.</summary>
    [JsonPropertyName("message")]
    public string Message { get; set; } = "";
}
