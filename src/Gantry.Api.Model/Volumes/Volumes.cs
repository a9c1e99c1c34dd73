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

    /// <summary>What a volume of a swarm's cluster is to be; null: it is a volume of this engine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClusterVolumeSpec? ClusterVolumeSpec { get; set; }
}

/// <summary>A volume of a swarm's cluster.</summary>
public sealed record ClusterVolumeSpec
{
    /// <summary>The group it belongs to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Group { get; set => field = OmitEmpty.Of(value); }

    /// <summary>How tasks use it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClusterVolumeAccess? AccessMode { get; set; }

    /// <summary>Where in the cluster it must or should be reached.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClusterVolumeTopology? AccessibilityRequirements { get; set; }

    /// <summary>Its size.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClusterVolumeCapacity? CapacityRange { get; set; }

    /// <summary>Secrets for its driver.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClusterVolumeSecret>? Secrets { get; set => field = OmitEmpty.Of(value); }

    /// <summary>`active`, `pause` or `drain`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Availability { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>How tasks use a cluster's volume.</summary>
public sealed record ClusterVolumeAccess
{
    /// <summary>`single` or `multi`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; set => field = OmitEmpty.Of(value); }

    /// <summary>`none`, `readonly`, `onewriter` or `all`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sharing { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Present: it is used as a file system.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EmptyObject? MountVolume { get; set; }

    /// <summary>Present: it is used as a block device.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EmptyObject? BlockVolume { get; set; }
}

/// <summary>Where in a cluster a volume must or should be reached.</summary>
public sealed record ClusterVolumeTopology
{
    /// <summary>Must.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClusterVolumeSegments>? Requisite { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Should.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClusterVolumeSegments>? Preferred { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>A part of a cluster, by name and value.</summary>
public sealed record ClusterVolumeSegments
{
    /// <summary>For example a region and a rack.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Segments { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>The size of a cluster's volume.</summary>
public sealed record ClusterVolumeCapacity
{
    /// <summary>At least, bytes.</summary>
    public long RequiredBytes { get; set; }

    /// <summary>At most, bytes.</summary>
    public long LimitBytes { get; set; }
}

/// <summary>A secret for the driver of a cluster's volume.</summary>
public sealed record ClusterVolumeSecret
{
    /// <summary>What the driver calls it.</summary>
    public string Key { get; set; } = "";

    /// <summary>The cluster's secret.</summary>
    public string Secret { get; set; } = "";
}

/// <summary>Answer of `POST /volumes/prune`.</summary>
public sealed record VolumesPruneResponse
{
    /// <summary>Names of removed volumes.</summary>
    public IReadOnlyList<string>? VolumesDeleted { get; set; }

    /// <summary>Bytes freed.</summary>
    public long SpaceReclaimed { get; set; }
}
