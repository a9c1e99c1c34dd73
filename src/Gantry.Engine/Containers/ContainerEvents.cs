using Gantry.Engine.Events;

namespace Gantry.Engine.Containers;

/// <summary>Publishes what happens to containers, with the attributes that docker gives: labels, image, name, and those of the action.</summary>
/// <param name="bus">Where they go.</param>
internal sealed class ContainerEvents(EventBus bus)
{
    public void Publish(Container container, string action, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var attributes = new Dictionary<string, string>(container.Config.Labels ?? new Dictionary<string, string>())
        {
            ["image"] = container.ImageName,
            ["name"] = container.Name,
        };
        foreach (var (name, value) in more)
            attributes[name] = value;
        bus.Publish("container", action, container.Id, attributes);
    }
}
