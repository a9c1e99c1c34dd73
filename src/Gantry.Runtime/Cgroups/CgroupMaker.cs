using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>Makes the folders of a control group. What is usual costs one mkdir(2) a tree: the groups above exist, with their controllers on.</summary>
internal static class CgroupMaker
{
    private static readonly string[] UnifiedControllers = ["cpu", "cpuset", "memory", "pids", "io", "hugetlb", "rdma"];

    /// <exception cref="GantryException">The group exists and has processes.</exception>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static void Make(Cgroup group, CgroupLayout layout, LinuxResources? resources)
    {
        var existed = false;
        foreach (var folder in group.Folders)
        {
            existed |= !MakeFolder(folder);
            if (folder.Hierarchy.IsUnified)
                EnableControllers(folder, [.. WantedControllers(layout, resources).Where(folder.Hierarchy.Has)]);
            else if (folder.Hierarchy.Has("cpuset"))
                InheritProcessors(folder);
        }
        // Left by an engine that was killed, a group is taken over; one in use is not, for its processes would share the limits.
        if (existed && group.Processes() is { Count: > 0 } processes)
            throw GantryException.Conflict($"cgroup: {group.Path} is in use by {processes.Count} processes");
    }

    /// <summary>Makes the folder and those above it; false when it was there.</summary>
    private static bool MakeFolder(CgroupFolder folder)
    {
        var error = folder.TryMake();
        if (error == Errno.ENOENT && !folder.Parent.IsRoot)
        {
            if (MakeFolder(folder.Parent) && folder.Hierarchy.Has("cpuset") && !folder.Hierarchy.IsUnified)
                PassOnProcessors(folder.Parent);
            error = folder.TryMake();
        }
        if (error != default && error != Errno.EEXIST)
            throw new OsException($"make {folder.HostPath}", error);
        return error == default;
    }

    /// <summary>On a hybrid machine the version 2 tree gets a controller only for a limit that is asked for: the others are on version 1.</summary>
    private static IEnumerable<string> WantedControllers(CgroupLayout layout, LinuxResources? resources) =>
        layout == CgroupLayout.Unified ? UnifiedControllers
        : resources?.HugepageLimits is { Count: > 0 } ? ["hugetlb"]
        : [];

    /// <summary>
    /// Turns controllers on for the children of every group above. Only groups without processes of their own may have such children
    /// ("no internal processes", cgroup-v2.rst), except the root of the tree.
    /// </summary>
    private static void EnableControllers(CgroupFolder folder, string[] wanted)
    {
        var parent = folder.Parent;
        if (wanted.Length == 0 || Missing(folder, "cgroup.controllers", wanted).Length == 0)
            return;
        if (!parent.IsRoot)
            EnableControllers(parent, wanted);
        foreach (var controller in Missing(parent, "cgroup.subtree_control", wanted))
        {
            var error = parent.TryWrite("cgroup.subtree_control", "+" + controller);
            if (error == Errno.EBUSY)
                throw new GantryException(ErrorKind.Unavailable,
                    $"cgroup: cannot turn the {controller} controller on in {parent.HostPath}, which has processes of its own",
                    parent.Failure("cgroup.subtree_control", "+" + controller, error));
            if (error != default)
                throw parent.Failure("cgroup.subtree_control", "+" + controller, error);
        }
    }

    private static string[] Missing(CgroupFolder folder, string file, string[] wanted)
    {
        var present = (folder.TryReadText(file) ?? "").Split(' ');
        return [.. wanted.Except(present)];
    }

    /// <summary>A new group of version 1's cpuset has no processors, and takes no process before it has. Those of the group above are copied.</summary>
    private static void InheritProcessors(CgroupFolder folder)
    {
        foreach (var file in (ReadOnlySpan<string>)["cpuset.cpus", "cpuset.mems"])
        {
            if (folder.TryReadText(file) is { Length: > 0 })
                continue;
            if (!folder.Parent.IsRoot)
                InheritProcessors(folder.Parent);
            folder.Write(file, folder.Parent.TryReadText(file) ?? "");
        }
    }

    /// <summary>Has the kernel copy the processors into every group that is made in this one, which saves doing it at each start of a container.</summary>
    private static void PassOnProcessors(CgroupFolder folder)
    {
        InheritProcessors(folder);
        folder.Write("cgroup.clone_children", "1");
    }
}
