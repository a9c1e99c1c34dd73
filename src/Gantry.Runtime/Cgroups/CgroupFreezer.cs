using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>Stops and continues all processes of a control group (cgroup-v1/freezer-subsystem.rst; cgroup.freeze of cgroup-v2.rst).</summary>
internal static class CgroupFreezer
{
    private const int MaxWaits = 2000;

    /// <summary>Returns when every process stands still.</summary>
    /// <exception cref="OsException">Refused, or not all could be stopped within two seconds (ETIMEDOUT): they run again.</exception>
    internal static void Freeze(CgroupFolder folder)
    {
        for (var wait = 0; wait < MaxWaits; wait++)
        {
            // Version 1 stops only the tasks it finds: a fork that races needs the state written again, and a task in the midst of
            // a vfork holds the rest up until all have run on for a moment.
            if (!folder.Hierarchy.IsUnified)
            {
                if (wait % 50 == 49)
                    folder.Write("freezer.state", "THAWED");
                folder.Write("freezer.state", "FROZEN");
            }
            else if (wait == 0)
                folder.Write("cgroup.freeze", "1");
            if (IsFrozen(folder))
                return;
            Thread.Sleep(1);
        }
        Thaw(folder);
        throw new OsException($"freeze {folder.HostPath}", Errno.ETIMEDOUT);
    }

    /// <summary>Lets the processes go on. A cgroup that is gone has none: they may end while somebody else ends them.</summary>
    /// <exception cref="OsException">Refused.</exception>
    internal static void Thaw(CgroupFolder folder)
    {
        var (file, value) = folder.Hierarchy.IsUnified ? ("cgroup.freeze", "0") : ("freezer.state", "THAWED");
        var error = folder.TryWrite(file, value);
        if (error != default && error != Errno.ENOENT && error != Errno.ENODEV)
            throw folder.Failure(file, value, error);
    }

    internal static bool IsFrozen(CgroupFolder folder) => folder.Hierarchy.IsUnified
        ? folder.TryReadText("cgroup.events")?.Split('\n').Contains("frozen 1") == true
        : folder.TryReadText("freezer.state") == "FROZEN";
}
