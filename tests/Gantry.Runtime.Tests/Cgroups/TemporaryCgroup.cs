using System.Diagnostics;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Tests.Cgroups;

/// <summary>A control group of the machine itself, with the processes a test puts into it; all is gone afterwards.</summary>
internal sealed class TemporaryCgroup : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly string _parent = $"/gantry-test-{Environment.ProcessId}-{Guid.NewGuid():N}";

    internal TemporaryCgroup(LinuxResources? resources = null) => Group = Host.Create(_parent + "/c", resources);

    internal CgroupHost Host { get; } = CgroupHost.Detect();

    internal Cgroup Group { get; }

    /// <summary>The folder of version 2, if there is one.</summary>
    internal string? Unified => Host.Hierarchies.FirstOrDefault(hierarchy => hierarchy.IsUnified) is { } tree ? Group.PathIn(tree) : null;

    /// <summary>A file of the controller's folder.</summary>
    internal string Read(string controller, string file) =>
        File.ReadAllText(Path.Combine(Group.PathIn(Host.Hierarchies.First(tree => tree.Controllers.Contains(controller))), file)).TrimEnd('\n');

    /// <summary>Starts a process that waits, in the group.</summary>
    internal Process Start()
    {
        var process = Process.Start("sleep", ["60"]);
        _processes.Add(process);
        Group.Add(process.Id);
        return process;
    }

    public void Dispose()
    {
        Group.KillAll();
        foreach (var process in _processes)
        {
            process.WaitForExit();
            process.Dispose();
        }
        Host.Open(_parent).Delete();
    }
}
