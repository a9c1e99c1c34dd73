namespace Gantry.Storage.Layers;

/// <summary>What happened to a path; the numbers are those of docker's API (<c>GET /containers/{id}/changes</c>).</summary>
public enum PathChangeKind
{
    /// <summary>Its content or attributes are others.</summary>
    Modified = 0,

    /// <summary>It is new.</summary>
    Added = 1,

    /// <summary>It is gone.</summary>
    Deleted = 2,
}

/// <summary>A path that a layer changed.</summary>
/// <param name="Path">Absolute, e.g. <c>/etc/passwd</c>; bytes that are no UTF-8 are replaced.</param>
/// <param name="Kind">What happened to it.</param>
public readonly record struct PathChange(string Path, PathChangeKind Kind);
