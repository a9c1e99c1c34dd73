namespace Gantry.Engine.Create;

/// <summary>Where in a container something is mounted.</summary>
internal static class MountTarget
{
    /// <summary>What is wrong with a path, in docker's words; null when nothing is.</summary>
    public static string? Problem(string path)
    {
        if (!path.StartsWith('/'))
            return $"invalid mount path: '{path}' mount path must be absolute";
        return Clean(path).Length == 0 ? "invalid specification: destination can't be '/'" : null;
    }

    /// <summary>A path that may be given without the slash, as those of <c>Config.Volumes</c>.</summary>
    public static string Absolute(string path) => path.StartsWith('/') ? path : "/" + path;

    /// <summary>Without <c>.</c>, <c>..</c> and a slash at the end: only the text, links are resolved when it is mounted.</summary>
    public static string Clean(string path) => Path.GetFullPath(path).TrimEnd('/');
}

/// <summary>How mounts made below a bind mount spread (mount_namespaces(7)).</summary>
internal static class MountPropagation
{
    /// <summary>Docker's default.</summary>
    public const string Default = "rprivate";

    /// <summary>What can be asked for.</summary>
    public static readonly string[] All = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

    /// <summary>Whether mounts made in the container are to show on the host.</summary>
    public static bool IsShared(string propagation) => propagation.EndsWith("shared", StringComparison.Ordinal);

    /// <summary>Whether mounts made on the host are to show in the container.</summary>
    public static bool IsSlave(string propagation) => propagation.EndsWith("slave", StringComparison.Ordinal);
}
