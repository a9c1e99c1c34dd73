using Gantry.Engine.Containers;
using Gantry.Oci;

namespace Gantry.Engine.Processes;

/// <summary>Lists a container's processes from /proc (proc(5)); no ps(1) is run, so none need be on the host or in the image.</summary>
/// <param name="clock">The time, for columns that tell how long ago.</param>
public sealed class ProcessLister(TimeProvider clock)
{
    /// <summary>The processes of a running container, in the columns of <paramref name="psArgs"/>.</summary>
    /// <param name="container">The container.</param>
    /// <param name="psArgs">ps(1)'s <c>-ef</c> (also when empty), <c>aux</c>, or <c>-o</c> with a list of columns.</param>
    /// <exception cref="GantryException">It does not run (Conflict), or the arguments ask for what is not offered (InvalidArgument).</exception>
    public ProcessTable List(Container container, string psArgs)
    {
        if (container.Run is not { } run || !container.State.IsRunning)
            throw GantryException.Conflict($"container {container.Id} is not running");
        if (container.State.Status is ContainerStatus.Restarting)
            throw GantryException.Conflict($"Container {container.Id} is restarting, wait until the container is running");

        var columns = PsColumn.Parse(psArgs);
        if (!columns.Any(column => column.Title == "PID"))
            throw new GantryException(ErrorKind.System, "Couldn't find PID field in ps output"); // Docker's text: it picks the lines by it.
        var host = ProcessHost.Read(clock.GetUtcNow());
        var rows = new List<IReadOnlyList<string>>();
        foreach (var pid in run.Cgroup.Processes().Order())
        {
            if (ProcessEntry.Read(pid) is { } entry)
                rows.Add([.. columns.Select(c => c.Value(entry, host))]);
        }

        return new ProcessTable([.. columns.Select(c => c.Title)], rows);
    }
}
