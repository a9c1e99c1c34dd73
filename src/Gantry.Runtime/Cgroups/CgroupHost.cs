using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>The control groups of this machine (cgroups(7)): version 1, version 2, or both side by side.</summary>
public sealed class CgroupHost
{
    private readonly Lazy<CgroupCapabilities> _capabilities;

    private CgroupHost(IReadOnlyList<CgroupHierarchy> hierarchies)
    {
        Hierarchies = hierarchies;
        Layout = hierarchies.All(hierarchy => hierarchy.IsUnified) ? CgroupLayout.Unified
            : hierarchies.Any(hierarchy => hierarchy.IsUnified) ? CgroupLayout.Hybrid
            : CgroupLayout.Legacy;
        _capabilities = new(() => CgroupCapabilities.Detect(Layout, hierarchies));
    }

    /// <summary>How this machine mounts its control groups.</summary>
    public CgroupLayout Layout { get; }

    /// <summary>The mounted trees: what to mount for a container to see its own part of them.</summary>
    public IReadOnlyList<CgroupHierarchy> Hierarchies { get; }

    /// <summary>Which limits can be set; found out on first use.</summary>
    public CgroupCapabilities Capabilities => _capabilities.Value;

    /// <summary>Finds the trees that this process sees mounted.</summary>
    /// <exception cref="GantryException">None is mounted.</exception>
    public static CgroupHost Detect() => FromMounts(File.ReadAllText("/proc/self/mountinfo"));

    internal static CgroupHost FromMounts(string mountInfo)
    {
        var hierarchies = CgroupMountTable.Parse(mountInfo);
        return hierarchies.Count > 0
            ? new CgroupHost(hierarchies)
            : throw new GantryException(ErrorKind.Unavailable, "cgroup: no control group file system is mounted at /sys/fs/cgroup");
    }

    /// <summary>
    /// Makes a control group in every tree, with the groups above it, and sets limits. The default devices of the runtime specification
    /// are allowed besides the rules given.
    /// </summary>
    /// <param name="path">From the roots of the trees, e.g. <c>/gantry/id</c>.</param>
    /// <param name="resources">The limits, if any.</param>
    /// <exception cref="GantryException">The path is not valid, the group has processes already, or the machine lacks the means for a limit.</exception>
    /// <exception cref="OsException">The kernel refused.</exception>
    public Cgroup Create(string path, LinuxResources? resources = null)
    {
        var group = Open(path);
        if (resources?.Devices is { } devices)
            resources = resources with { Devices = DeviceRules.Complete(devices) };
        try
        {
            CgroupMaker.Make(group, Layout, resources);
            if (resources is not null)
                group.Update(resources);
        }
        catch (Exception failure) when (failure is GantryException { Kind: not ErrorKind.Conflict } or OsException)
        {
            CgroupRemover.Remove(group.Folders);
            throw;
        }
        return group;
    }

    /// <summary>A control group that exists, or may.</summary>
    /// <exception cref="GantryException">The path is not valid.</exception>
    public Cgroup Open(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!path.StartsWith('/') || parts.Length == 0 || parts.Any(part => part is "." or ".." || part.AsSpan().ContainsAny('\n', '\0')))
            throw GantryException.Invalid($"cgroup: \"{path}\" is not the path of a control group, such as /gantry/name");
        var normal = "/" + string.Join('/', parts);
        return new Cgroup(normal, [.. Hierarchies.Select(hierarchy => new CgroupFolder(hierarchy, normal))]);
    }
}
