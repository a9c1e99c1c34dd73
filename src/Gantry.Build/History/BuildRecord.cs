using System.Text.Json.Serialization;

namespace Gantry.Build.History;

/// <summary>What stays of a build when it is done.</summary>
public sealed record BuildRecord
{
    /// <summary>The build's name.</summary>
    public required string Ref { get; init; }

    /// <summary>The frontend.</summary>
    public string Frontend { get; init; } = "";

    /// <summary>What it was asked for; values of secrets are none of these.</summary>
    public IReadOnlyDictionary<string, string> FrontendAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>When it began.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was done; null: it is not, or the daemon ended before it was.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Why it failed; empty: it did not.</summary>
    public string Error { get; init; } = "";

    /// <summary>What was told of its outputs.</summary>
    public IReadOnlyDictionary<string, string> Response { get; init; } = new Dictionary<string, string>();

    /// <summary>How many steps there were.</summary>
    public int TotalSteps { get; init; }

    /// <summary>How many were done.</summary>
    public int CompletedSteps { get; init; }

    /// <summary>How many results were known.</summary>
    public int CachedSteps { get; init; }

    /// <summary>How much was doubtful.</summary>
    public int Warnings { get; init; }

    /// <summary>Whether it is told of because it was removed.</summary>
    [JsonIgnore]
    public bool IsRemoved { get; init; }
}

/// <summary>Reads and writes records.</summary>
[JsonSerializable(typeof(BuildRecord))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class BuildRecordJson : JsonSerializerContext;
