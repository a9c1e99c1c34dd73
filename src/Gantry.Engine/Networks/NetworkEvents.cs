using Gantry.Engine.Containers;
using Gantry.Engine.Events;
using Gantry.Networking;

namespace Gantry.Engine.Networks;

/// <summary>Publishes what happens to networks, with docker's attributes.</summary>
/// <param name="bus">Where they go.</param>
internal sealed class NetworkEvents(EventBus bus)
{
    /// <summary>A network was made or removed.</summary>
    public void Changed(Network network, string action) => bus.Publish("network", action, network.Id, new Dictionary<string, string>
    {
        ["name"] = network.Name,
        ["type"] = network.Driver,
    });

    /// <summary>A container was connected.</summary>
    public void Connected(Network network, Container container) => Publish("connect", network, container);

    /// <summary>A container was disconnected.</summary>
    public void Disconnected(Network network, Container container) => Publish("disconnect", network, container);

    private void Publish(string action, Network network, Container container) => bus.Publish("network", action, network.Id, new Dictionary<string, string>
    {
        ["container"] = container.Id,
        ["name"] = network.Name,
        ["type"] = network.Driver,
    });
}
