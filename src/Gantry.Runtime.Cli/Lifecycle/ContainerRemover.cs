using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>Removes a container whose process has ended: its cgroup, its state; then runs the poststop hooks.</summary>
internal static class ContainerRemover
{
    /// <summary>Removes it.</summary>
    /// <param name="global">Where its state is.</param>
    /// <param name="record">The container.</param>
    /// <param name="known">Its configuration, if the caller has read it.</param>
    /// <param name="spawner">What starts hooks; null: a new one.</param>
    /// <exception cref="GantryException">A hook failed; the container is gone all the same.</exception>
    internal static void Remove(GlobalOptions global, ContainerRecord record, RuntimeSpec? known = null, ProcessSpawner? spawner = null)
    {
        var spec = known ?? global.State.LoadSpec(record.Id);
        if (global.FindCgroup(record) is { } cgroup)
        {
            cgroup.KillAll();
            cgroup.Delete();
        }
        global.State.Delete(record.Id);
        if (spec.Hooks?.Poststop is not { Count: > 0 })
            return;
        var failures = new HookRunner(spawner ?? new ProcessSpawner(), spec, record.Id, record.Bundle).Stopped();
        if (failures.Count > 0)
            throw new GantryException(ErrorKind.System, string.Join("; ", failures.Select(static failure => failure.Message)), failures[0]);
    }
}
