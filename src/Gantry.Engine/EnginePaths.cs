namespace Gantry.Engine;

/// <summary>
/// Where an engine keeps what: below <paramref name="root"/> what lasts, below <paramref name="run"/> what ends with the boot.
/// </summary>
/// <param name="root">The folder of durable objects (<c>--root</c>).</param>
/// <param name="run">The folder of runtime state (<c>--run</c>).</param>
public sealed class EnginePaths(string root, string run)
{
    /// <summary>The folder of durable objects, absolute.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The folder of runtime state, absolute.</summary>
    public string Run { get; } = Path.GetFullPath(run);

    /// <summary>One folder a container: its documents, its log, its <c>/etc</c> files.</summary>
    public string Containers => Path.Combine(Root, "containers");

    /// <summary>When images were last used: a cache.</summary>
    public string ImageUse => Path.Combine(Root, "image-use.json");

    /// <summary>The last events: a cache.</summary>
    public string Events => Path.Combine(Root, "events.jsonl");

    /// <summary>What builds keep: records of the cache, files of contexts, cache mounts.</summary>
    public string Build => Path.Combine(Root, "build");

    /// <summary>The empty folder on which each container's root filesystem is attached, in that container's own mount namespace.</summary>
    public string RootMountPoint => Path.Combine(Run, "rootfs");

    /// <summary>Sockets of SSH agents that builds have.</summary>
    public string Agents => Path.Combine(Run, "agents");

    /// <summary>One folder a running container, in which the keeper records what it must know of it after a crash, and how it ended.</summary>
    public string Processes => Path.Combine(Run, "processes");

    /// <summary>The keeper's records of the container <paramref name="id"/>.</summary>
    public string ProcessState(string id) => Path.Combine(Processes, id);

    /// <summary>Makes the folders that must exist before anything else runs.</summary>
    public void Create()
    {
        foreach (var folder in (ReadOnlySpan<string>)[Containers, RootMountPoint, Processes])
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // A container with another user id walks through these two on its way to the mount point.
        var passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Run, passable);
        File.SetUnixFileMode(RootMountPoint, passable);
    }
}
