using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cgroups;

/// <summary>How a machine mounts its control groups (cgroups(7)).</summary>
public enum CgroupLayout
{
    /// <summary>Every controller on a hierarchy of version 1.</summary>
    Legacy,

    /// <summary>Controllers on version 1, and a version 2 tree beside them that may hold the remaining ones.</summary>
    Hybrid,

    /// <summary>One version 2 tree.</summary>
    Unified,
}

/// <summary>One mounted tree of control groups.</summary>
/// <param name="MountPoint">Where it is mounted, e.g. <c>/sys/fs/cgroup/memory</c>.</param>
/// <param name="IsUnified">Whether it is the version 2 tree.</param>
/// <param name="Controllers">Version 1: the controllers mounted here. Version 2: those that the tree's root offers.</param>
/// <param name="Name">The name of a version 1 hierarchy without controllers, e.g. <c>systemd</c>; else null.</param>
public sealed record CgroupHierarchy(string MountPoint, bool IsUnified, IReadOnlyList<string> Controllers, string? Name = null)
{
    private readonly Lazy<Fd> _root = new(() => FileOpener.Open(MountPoint, OpenFlags.Path | OpenFlags.Directory));

    /// <summary>
    /// What a mount(2) of this tree takes as data (type <c>cgroup</c>; for version 2 it is <c>cgroup2</c> and takes none), e.g.
    /// <c>cpu,cpuacct</c> or <c>none,name=systemd</c>. Mounted in a cgroup namespace it shows the namespace's own part.
    /// </summary>
    public string MountOptions => Name is null ? string.Join(',', IsUnified ? [] : Controllers) : $"none,name={Name}";

    /// <summary>The name of the mount point within <c>/sys/fs/cgroup</c>, e.g. <c>cpu,cpuacct</c>; empty where the tree is all there is.</summary>
    public string FolderName => MountPoint == CgroupMountTable.CustomaryRoot ? "" : Path.GetFileName(MountPoint);

    /// <summary>The tree's root, open with O_PATH; it stays open as long as the host object lives.</summary>
    internal Fd Root => _root.Value;

    internal bool Has(string controller) => Controllers.Contains(controller);
}
