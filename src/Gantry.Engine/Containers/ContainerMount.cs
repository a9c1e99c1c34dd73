using Gantry.Api.Model;

namespace Gantry.Engine.Containers;

/// <summary>A mount that the user, or the image, asked for, resolved at creation: a bind, a volume, an image or a tmpfs.</summary>
public sealed record ContainerMount
{
    /// <summary><c>bind</c>, <c>volume</c>, <c>image</c> or <c>tmpfs</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The volume's name, or the image's as it was given; null for the others.</summary>
    public string? Name { get; init; }

    /// <summary>The ID of the image; null for the others.</summary>
    public string? Image { get; init; }

    /// <summary>The volume's driver; null for the others.</summary>
    public string? Driver { get; init; }

    /// <summary>The part of the volume or image that is mounted, a path within; null: all.</summary>
    public string? Subpath { get; init; }

    /// <summary>How owners of the files of a bind appear in the container; null: as they are.</summary>
    public BindIdMapping? IdMapping { get; init; }

    /// <summary>The path on the host, the ID of the image; empty for a tmpfs.</summary>
    public string Source { get; init; } = "";

    /// <summary>The absolute path in the container.</summary>
    public required string Destination { get; init; }

    /// <summary>The options as the user wrote them, e.g. <c>ro,z</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Whether it is mounted read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether submounts become read-only too; only of meaning with <see cref="ReadOnly"/>.</summary>
    public bool ReadOnlyRecursive { get; init; }

    /// <summary>Mount propagation (mount_namespaces(7)): <c>rprivate</c>, <c>rslave</c>, <c>rshared</c> or their non-recursive forms.</summary>
    public string Propagation { get; init; } = "";

    /// <summary>Whether mounts below the source come along.</summary>
    public bool Recursive { get; init; } = true;

    /// <summary>Whether an empty volume is not filled with what the image has at the destination.</summary>
    public bool NoCopy { get; init; }

    /// <summary>Options of a tmpfs, e.g. <c>size=1048576</c>.</summary>
    public IReadOnlyList<string> TmpfsOptions { get; init; } = [];

    /// <summary>Whether the API does not list it: what is asked for by <c>--tmpfs</c>.</summary>
    public bool IsHidden { get; init; }

    /// <summary>As the API shows it.</summary>
    public MountPoint ToMountPoint() => new()
    {
        Type = Type,
        Name = Name,
        Source = Source,
        Destination = Destination,
        Driver = Type == "volume" ? Driver ?? "local" : null,
        Mode = Mode,
        RW = !ReadOnly,
        Propagation = Propagation,
    };
}
