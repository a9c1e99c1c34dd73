namespace Gantry.Volumes;

/// <summary>A volume: a folder that outlives containers. It does not change; after a change the store has another object.</summary>
public sealed record Volume
{
    /// <summary>The driver that all volumes here have.</summary>
    public const string LocalDriver = "local";

    /// <summary>The label that docker's clients know an anonymous volume by.</summary>
    public const string AnonymousLabel = "com.docker.volume.anonymous";

    /// <summary>The name; 64 hexadecimal digits for an anonymous one.</summary>
    public required string Name { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The volume's folder, <c>…/volumes/NAME/_data</c>. One with a device is mounted there while it is used.</summary>
    public required string Mountpoint { get; init; }

    /// <summary>Labels of the user; null when none were given, which docker shows differently from none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Options of the driver; null when none were given.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>The driver.</summary>
    public string Driver => LocalDriver;

    /// <summary>Where the volume is known.</summary>
    public string Scope => LocalDriver;

    /// <summary>Whether it is a filesystem or folder from elsewhere that is mounted for its users (<see cref="VolumeMounts"/>).</summary>
    public bool IsMounted => Local.Device is not null;

    /// <summary>Whether what is mounted is on another machine: it can keep who unmounts it waiting.</summary>
    public bool IsRemote => Local.Type is "nfs" or "nfs4" or "cifs" or "smb3" or "ceph" or "9p";

    /// <summary><see cref="Options"/>, read.</summary>
    internal LocalOptions Local { get; init; } = LocalOptions.None;

    /// <summary>The project that the quota counts by; 0: none.</summary>
    internal uint Project { get; init; }

    /// <summary>Whether nobody named it.</summary>
    public bool IsAnonymous => Labels is not null && Labels.ContainsKey(AnonymousLabel);
}

/// <summary>Something happened to a volume, for <c>docker events</c>.</summary>
/// <param name="Action"><c>create</c>, <c>destroy</c> or <c>prune</c>; <c>mount</c> and <c>unmount</c> are the engine's to tell.</param>
/// <param name="Name">The volume's name; empty for <c>prune</c>.</param>
/// <param name="Attributes"><c>driver</c>, or <c>reclaimed</c> for <c>prune</c>.</param>
public sealed record VolumeEvent(string Action, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>What a prune did.</summary>
/// <param name="Deleted">The names.</param>
/// <param name="SpaceReclaimed">The bytes they occupied.</param>
public sealed record VolumePruneResult(IReadOnlyList<string> Deleted, long SpaceReclaimed);

/// <summary>Which containers use a volume, by ID; the engine answers. It is asked under the store's lock and must not call the store.</summary>
/// <param name="name">The volume's name.</param>
public delegate IReadOnlyList<string> VolumeUsers(string name);
