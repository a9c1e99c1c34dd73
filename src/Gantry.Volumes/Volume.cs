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

    /// <summary>The folder that docker shows, <c>…/volumes/NAME/_data</c>.</summary>
    public required string Mountpoint { get; init; }

    /// <summary>The folder that containers get: <see cref="Mountpoint"/>, or the device of a volume with <c>o=bind</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Whether containers may only read it (<c>o=bind,ro</c>).</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Labels of the user; null when none were given, which docker shows differently from none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Options of the driver; null when none were given.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>The driver.</summary>
    public string Driver => LocalDriver;

    /// <summary>Where the volume is known.</summary>
    public string Scope => LocalDriver;

    /// <summary>Whether nobody named it.</summary>
    public bool IsAnonymous => Labels is not null && Labels.ContainsKey(AnonymousLabel);
}

/// <summary>Something happened to a volume, for <c>docker events</c>.</summary>
/// <param name="Action"><c>create</c>, <c>destroy</c> or <c>prune</c>.</param>
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
