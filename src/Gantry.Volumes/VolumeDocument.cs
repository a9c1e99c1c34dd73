using System.Text.Json.Serialization;

namespace Gantry.Volumes;

/// <summary>What <c>volume.json</c> keeps of a volume, beside its <c>_data</c>.</summary>
internal sealed record VolumeDocument
{
    public DateTimeOffset CreatedAt { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Options { get; set; }

    /// <summary>The project of the file system that the volume's limit is counted by; 0: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint Project { get; set; }
}

/// <summary>JSON of this project's documents, generated at compile time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VolumeDocument))]
internal sealed partial class VolumeJson : JsonSerializerContext;
