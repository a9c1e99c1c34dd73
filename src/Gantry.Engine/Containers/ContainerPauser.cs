using Gantry.Engine.Health;
using Gantry.Oci;

namespace Gantry.Engine.Containers;

/// <summary>Freezes and thaws all processes of a container.</summary>
public sealed class ContainerPauser
{
    private readonly ContainerFolder _folder;
    private readonly ContainerEvents _events;
    private readonly HealthMonitors _health;

    internal ContainerPauser(ContainerFolder folder, ContainerEvents events, HealthMonitors health)
    {
        _health = health;
        _folder = folder;
        _events = events;
    }

    /// <summary>Freezes.</summary>
    /// <exception cref="GantryException">It does not run, or is paused already (Conflict).</exception>
    public async Task PauseAsync(Container container, CancellationToken cancellation)
    {
        using var gate = await ContainerGate.EnterAsync(container, cancellation);
        if (container.State.Status is ContainerStatus.Paused)
            throw GantryException.Conflict($"Container {container.Id} is already paused");
        if (container.Run is not { } run || container.State.Status is not ContainerStatus.Running)
            throw GantryException.Conflict($"container {container.Id} is not running");

        _health.Unwatch(container); // A probe would stand still, and count as failed.
        run.Cgroup.Freeze();
        Change(container, ContainerStatus.Paused, "pause");
    }

    /// <summary>Thaws.</summary>
    /// <exception cref="GantryException">It is not paused (Conflict).</exception>
    public async Task UnpauseAsync(Container container, CancellationToken cancellation)
    {
        using var gate = await ContainerGate.EnterAsync(container, cancellation);
        if (container.Run is not { } run || container.State.Status is not ContainerStatus.Paused)
            throw GantryException.Conflict($"Container {container.Id} is not paused");

        run.Cgroup.Thaw();
        Change(container, ContainerStatus.Running, "unpause");
        _health.Watch(container);
    }

    private void Change(Container container, ContainerStatus status, string action)
    {
        container.State = container.State with { Status = status };
        _folder.WriteState(container);
        _events.Publish(container, action);
    }
}
