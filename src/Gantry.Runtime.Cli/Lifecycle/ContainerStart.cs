using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Hooks;
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
        using var init = PidFd.TryOpen(record.Pid, out _) ?? throw GantryException.Conflict("cannot start a container that has stopped");
        hooks.Starting(record.Pid, init, global.FindCgroup(record));
        if (!global.State.OpenGate(record.Id))
            throw GantryException.Conflict("cannot start a container that has stopped");
        try
        {
            hooks.Started(record.Pid);
        }
        catch (HookException)
        {
            const int SIGKILL = 9;
            PidFd.SendSignal(init, SIGKILL);
            throw;
        }
    }
}
