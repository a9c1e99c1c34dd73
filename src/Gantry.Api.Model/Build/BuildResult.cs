using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>What a classic build ends with, for programs.</summary>
public sealed record BuildResult
{
    /// <summary>The image.</summary>
    [JsonPropertyName("ID")]
    public string Id { get; set; } = "";
}
