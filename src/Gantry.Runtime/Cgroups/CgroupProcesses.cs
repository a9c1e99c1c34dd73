using System.Globalization;
using System.Text;
using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Cgroups;

/// <summary>The processes of a control group.</summary>
internal static class CgroupProcesses
{
    /// <summary>Their numbers, those of the groups within included. Empty when the group is gone.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static List<int> List(CgroupFolder folder)
    {
        var processes = new List<int>();
        Collect(folder, processes);
        return processes;
    }

    /// <summary>
    /// Ends all of them with SIGKILL. Version 2 does it at one stroke; otherwise they are frozen first, so that none forks away.
    /// </summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static void KillAll(CgroupFolder members, CgroupFolder? freezer)
    {
        if (members.Hierarchy.IsUnified)
        {
            var error = members.TryWrite("cgroup.kill", "1");
            if (error == default)
                return;
            // Before Linux 5.14 there is no such file; and the group itself may be gone.
            if (error != Errno.ENOENT)
                throw members.Failure("cgroup.kill", "1", error);
        }
        var processes = List(members);
        if (processes.Count == 0)
            return;
        if (freezer is null)
            KillUntilNoneIsNew(members);
        else
            KillFrozen(members, freezer);
    }

    private static void KillFrozen(CgroupFolder members, CgroupFolder freezer)
    {
        try
        {
            CgroupFreezer.Freeze(freezer);
        }
        catch (OsException failure) when (failure.Errno == Errno.ETIMEDOUT)
        {
            KillUntilNoneIsNew(members);
            return;
        }
        foreach (var process in List(members))
            ProcessSignal.TrySend(process, ProcessSignal.Kill);
        CgroupFreezer.Thaw(freezer);
    }

    private static void KillUntilNoneIsNew(CgroupFolder members)
    {
        var killed = new HashSet<int>();
        for (var fresh = true; fresh;)
        {
            fresh = false;
            foreach (var process in List(members))
            {
                fresh |= killed.Add(process);
                ProcessSignal.TrySend(process, ProcessSignal.Kill);
            }
        }
    }

    private static void Collect(CgroupFolder folder, List<int> processes)
    {
        var content = folder.TryRead("cgroup.procs", out var error);
        // ENODEV: the group was removed between open and read.
        if (content is null && error != Errno.ENOENT && error != Errno.ENODEV)
            throw new OsException($"read {folder.HostPath}/cgroup.procs", error);
        foreach (var line in Encoding.ASCII.GetString(content ?? []).AsSpan().EnumerateLines())
            // 0 stands for a process of another pid namespace, which nothing can be done about from here.
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && process != 0)
                processes.Add(process);
        foreach (var child in folder.Children())
            Collect(child, processes);
    }
}
