using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>A mount as it is asked for, in the long form.</summary>
public sealed record Mount
{
    /// <summary>`bind`, `volume`, `tmpfs`, `image`, `npipe` or `cluster`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Path on the host, volume or image; null: an anonymous volume, or none needed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Path inside.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Target { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Whether it is read-only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnly { get; set; }

    /// <summary>Consistency hint of Docker Desktop; means nothing on Linux.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Consistency { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Options of a bind mount.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BindOptions? BindOptions { get; set; }

    /// <summary>Options of a volume.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VolumeOptions? VolumeOptions { get; set; }

    /// <summary>Options of an image mount.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImageOptions? ImageOptions { get; set; }

    /// <summary>Options of a tmpfs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TmpfsOptions? TmpfsOptions { get; set; }
}

/// <summary>Options of a bind mount.</summary>
public sealed record BindOptions
{
    /// <summary>`private`, `rprivate`, `shared`, `rshared`, `slave`, `rslave`; null: rprivate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Propagation { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Whether mounts below the source are left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NonRecursive { get; set; }

    /// <summary>Whether a missing source becomes a folder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CreateMountpoint { get; set; }

    /// <summary>Whether only the topmost mount is read-only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnlyNonRecursive { get; set; }

    /// <summary>Whether it is an error when mounts below cannot be made read-only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnlyForceRecursive { get; set; }

    /// <summary>How owners of files appear in the container (an idmapped mount); null: as they are. Docker's API is to have it from 1.56 on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BindIdMapping? IDMapping { get; set; }
}

/// <summary>How owners of files of a bind mount appear in the container, and whom files that are made there belong to.</summary>
public sealed record BindIdMapping
{
    /// <summary>
    /// `match-user`: the owner of the source appears as the container's user, and so what that user makes belongs to the source's owner. `userns`: as the
    /// container's user namespace has it.
    /// Null: as the maps say.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; set => field = OmitEmpty.Of(value); }

    /// <summary>With `match-user`: the user, by name or number, with a group perhaps; null: the one the container runs as.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Without a source: ranges of user IDs. Null, with maps of groups: as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BindIdRange>? UIDMaps { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Without a source: ranges of group IDs. Null, with maps of users: as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BindIdRange>? GIDMaps { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>A range of IDs of an idmapped bind mount.</summary>
public sealed record BindIdRange
{
    /// <summary>The first ID as the container sees it.</summary>
    public long ContainerID { get; set; }

    /// <summary>The first ID as it is on the disk.</summary>
    public long HostID { get; set; }

    /// <summary>How many.</summary>
    public long Size { get; set; }
}

/// <summary>Options of a volume mount.</summary>
public sealed record VolumeOptions
{
    /// <summary>Whether the image's content is not copied into a new volume.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoCopy { get; set; }

    /// <summary>Labels of a volume made for this mount.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Labels { get; set => field = OmitEmpty.Of(value); }

    /// <summary>A folder in the volume that is mounted instead of its root.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subpath { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Driver of a volume made for this mount.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VolumeDriverConfig? DriverConfig { get; set; }
}

/// <summary>A volume driver with its options.</summary>
public sealed record VolumeDriverConfig
{
    /// <summary>The driver.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Its options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Options { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>Options of an image mount.</summary>
public sealed record ImageOptions
{
    /// <summary>A folder in the image that is mounted instead of its root.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subpath { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>Options of a tmpfs.</summary>
public sealed record TmpfsOptions
{
    /// <summary>Size, bytes; 0: the kernel's default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long SizeBytes { get; set; }

    /// <summary>Permission bits of its root.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Mode { get; set; }

    /// <summary>Further options, each a name or a name and a value.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<string>>? Options { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>A mount as it is, in the answers of inspect and list.</summary>
public sealed record MountPoint
{
    /// <summary>`bind`, `volume`, `tmpfs`, `image`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Name of the volume.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Path on the host.</summary>
    public string Source { get; set; } = "";

    /// <summary>Path inside.</summary>
    public string Destination { get; set; } = "";

    /// <summary>Driver of the volume.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Driver { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Options of the short form, as given.</summary>
    public string Mode { get; set; } = "";

    /// <summary>Whether it can be written.</summary>
    public bool RW { get; set; }

    /// <summary>Propagation of mount events; empty for volumes.</summary>
    public string Propagation { get; set; } = "";
}
