using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Answer of `GET /system/df` below 1.52. A list is null when its type was not asked for.</summary>
public sealed record SystemDiskUsageResponse
{
    /// <summary>Bytes of all images; what they share counts once.</summary>
    public long LayersSize { get; set; }

    /// <summary>Images.</summary>
    public IReadOnlyList<ImageSummary>? Images { get; set; }

    /// <summary>Containers.</summary>
    public IReadOnlyList<ContainerSummary>? Containers { get; set; }

    /// <summary>Volumes.</summary>
    public IReadOnlyList<VolumeResource>? Volumes { get; set; }

    /// <summary>Entries of the build cache.</summary>
    public IReadOnlyList<BuildCacheRecord>? BuildCache { get; set; }

    /// <summary>Bytes of the build cache; below 1.42.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BuilderSize { get; set; }
}

/// <summary>Answer of `GET /system/df` from 1.52 on. A part is absent when its type was not asked for.</summary>
public sealed record SystemDataUsageResponse
{
    /// <summary>Images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ObjectsDiskUsage<ImageSummary>? ImageUsage { get; set; }

    /// <summary>Containers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ObjectsDiskUsage<ContainerSummary>? ContainerUsage { get; set; }

    /// <summary>Volumes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ObjectsDiskUsage<VolumeResource>? VolumeUsage { get; set; }

    /// <summary>Build cache.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ObjectsDiskUsage<BuildCacheRecord>? BuildCacheUsage { get; set; }
}

/// <summary>The disk space of objects of one kind.</summary>
/// <typeparam name="T">The kind.</typeparam>
public sealed record ObjectsDiskUsage<T>
{
    /// <summary>How many are in use.</summary>
    public long ActiveCount { get; set; }

    /// <summary>How many there are.</summary>
    public long TotalCount { get; set; }

    /// <summary>Bytes that those not in use occupy.</summary>
    public long Reclaimable { get; set; }

    /// <summary>Bytes of all.</summary>
    public long TotalSize { get; set; }

    /// <summary>Each of them; only when asked for in detail.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<T>? Items { get; set; }
}
