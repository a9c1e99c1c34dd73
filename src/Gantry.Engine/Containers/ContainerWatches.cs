using Gantry.Engine.Health;
using Gantry.Engine.Logs.Shipping;

namespace Gantry.Engine.Containers;

/// <summary>What is done beside a container while it runs: its health is probed, and its log shipped.</summary>
/// <param name="Health">Probes.</param>
/// <param name="Shipping">Ships.</param>
internal sealed record ContainerWatches(HealthMonitors Health, LogShipping Shipping)
{
    /// <summary>Begins with a container that was started.</summary>
    public void Begin(Container container)
    {
        Health.Watch(container);
        Shipping.Watch(container);
    }

    /// <summary>Begins with what an earlier daemon left; what it did not come to ship of containers that ended is in their files.</summary>
    public void BeginAll(IEnumerable<Container> containers)
    {
        foreach (var container in containers.Where(container => container.State.StartedAt is not null))
        {
            if (container.State.Status is ContainerStatus.Running)
                Health.Watch(container);
            Shipping.Watch(container);
        }
    }
}
