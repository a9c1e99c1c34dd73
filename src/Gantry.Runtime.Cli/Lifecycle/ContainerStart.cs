using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>Starts a created container.</summary>
internal static class ContainerStart
{
    /// <summary>Lets the waiting process execute its file, with the hooks before and after.</summary>
    /// <exception cref="GantryException">The container is not waiting, or a hook failed.</exception>
    internal static void Run(GlobalOptions global, ContainerRecord record)
    {
        var spec = global.State.LoadSpec(record.Id);
        var hooks = new HookRunner(new ProcessSpawner(), spec, record.Id, record.Bundle);
        // The process waits in the furnished container: to join its namespaces is to be there.
        using (var init = PidFd.TryOpen(record.Pid, out _) ?? throw GantryException.Conflict("cannot start a container that has stopped"))
            hooks.Run("startContainer", spec.Hooks?.StartContainer, "created", record.Pid, init);
        if (!global.State.OpenGate(record.Id))
            throw GantryException.Conflict("cannot start a container that has stopped");
        hooks.Run("poststart", spec.Hooks?.Poststart, "running", record.Pid);
    }
}
