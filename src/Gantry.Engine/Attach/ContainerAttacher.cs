using Gantry.Engine.Containers;
using Gantry.Engine.Logs;
using Gantry.Oci;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Attach;

/// <summary>Connects clients to the standard streams of containers, also before they are started.</summary>
public sealed class ContainerAttacher
{
    private readonly ProcessKeeper _keeper;
    private readonly LogService _logs;
    private readonly ContainerEvents _events;

    internal ContainerAttacher(ProcessKeeper keeper, LogService logs, ContainerEvents events)
    {
        _keeper = keeper;
        _logs = logs;
        _events = events;
    }

    /// <summary>
    /// Attaches. When this returns nothing of the output that follows is missed: for a container that does not run yet, from its first byte.
    /// </summary>
    /// <exception cref="GantryException">The container is paused or being restarted (Conflict), or the detach keys are malformed (InvalidArgument).</exception>
    public async Task<AttachSession> OpenAsync(Container container, AttachOptions options)
    {
        using var gate = await ContainerGate.EnterAsync(container);
        if (container.State.Status is ContainerStatus.Paused)
            throw GantryException.Conflict($"container {container.Id} is paused, unpause the container before attach");
        if (container.State.Status is ContainerStatus.Restarting)
            throw GantryException.Conflict($"container {container.Id} is restarting, wait until the container is running");

        var session = new AttachSession(container, options, _logs, () => _events.Publish(container, "detach"));
        _events.Publish(container, "attach");
        if (!options.Stream)
            return session;
        if (container.Run is not null)
        {
            await AttachNowAsync(container, session);
            return session;
        }

        lock (container.Waiting)
            container.Waiting.Add(session);
        return session;
    }

    /// <summary>Tells the container's terminal its size.</summary>
    /// <exception cref="GantryException">It does not run (Conflict).</exception>
    public async Task ResizeAsync(Container container, int rows, int columns)
    {
        if (container.Run is null)
            throw GantryException.Conflict($"container {container.Id} is not running");
        if (!container.Config.Tty)
            return; // There is nothing to resize, which docker takes for done.
        await _keeper.ResizeAsync(container.Id, TerminalSize.Bounded(rows), TerminalSize.Bounded(columns));
        _events.Publish(container, "resize", ("height", $"{rows}"), ("width", $"{columns}"));
    }

    private async Task AttachNowAsync(Container container, AttachSession session)
    {
        var end = session.TakeKeeperEnd()!;
        try
        {
            await _keeper.AttachAsync(container.Id, end);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
        finally
        {
            end.Socket.Dispose();
        }
    }
}
