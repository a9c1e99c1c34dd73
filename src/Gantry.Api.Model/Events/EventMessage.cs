using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>One event.</summary>
public sealed record EventMessage
{
    /// <summary>The action again, for containers and images; below 1.52.</summary>
    [JsonPropertyName("status")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; set => field = OmitEmpty.Of(value); }

    /// <summary>The object again; below 1.52.</summary>
    [JsonPropertyName("id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; set => field = OmitEmpty.Of(value); }

    /// <summary>The image; below 1.52.</summary>
    [JsonPropertyName("from")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? From { get; set => field = OmitEmpty.Of(value); }

    /// <summary>`container`, `image`, `network`, `volume`, `daemon`, `builder` ...</summary>
    public string Type { get; set; } = "";

    /// <summary>What happened.</summary>
    public string Action { get; set; } = "";

    /// <summary>What it happened to.</summary>
    public EventActor Actor { get; set => field = value ?? new(); } = new();

    /// <summary>`local` or `swarm`.</summary>
    [JsonPropertyName("scope")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Seconds since 1970.</summary>
    [JsonPropertyName("time")]
    public long Time { get; set; }

    /// <summary>Nanoseconds since 1970.</summary>
    [JsonPropertyName("timeNano")]
    public long TimeNano { get; set; }
}

/// <summary>What an event happened to.</summary>
public sealed record EventActor
{
    /// <summary>Its ID or name.</summary>
    public string ID { get; set; } = "";

    /// <summary>Labels and facts.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; set => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}
