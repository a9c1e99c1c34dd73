using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>A volume.</summary>
public sealed record VolumeResource
{
    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Its driver.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Labels of the user.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    /// <summary>Where it lies on the host.</summary>
    public string Mountpoint { get; set; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; set; }

    /// <summary>`local` or `global`.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Facts of the driver.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Status { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Size and users; disk usage only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VolumeUsageData? UsageData { get; set; }
}

/// <summary>Size and users of a volume.</summary>
public sealed record VolumeUsageData
{
    /// <summary>Containers that use it; -1: unknown.</summary>
    public long RefCount { get; set; }

    /// <summary>Bytes; -1: unknown.</summary>
    public long Size { get; set; }
}

/// <summary>Answer of `GET /volumes`.</summary>
public sealed record VolumeListResponse
{
    /// <summary>The volumes.</summary>
    public IReadOnlyList<VolumeResource> Volumes { get; set => field = value ?? []; } = [];

    /// <summary>What could not be listed.</summary>
    public IReadOnlyList<string>? Warnings { get; set; }
}

/// <summary>Body of `POST /volumes/create`.</summary>
public sealed record VolumeCreateRequest
{
    /// <summary>Its name; empty: one is made up.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its driver; empty: `local`.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? DriverOpts { get; set; }

    /// <summary>Labels of the user.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }
}

/// <summary>Answer of `POST /volumes/prune`.</summary>
public sealed record VolumesPruneResponse
{
    /// <summary>Names of removed volumes.</summary>
    public IReadOnlyList<string>? VolumesDeleted { get; set; }

    /// <summary>Bytes freed.</summary>
    public long SpaceReclaimed { get; set; }
}
