using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Networking;

namespace Gantry.Engine.Networks;

/// <summary>What a container wants of the networks that its document names.</summary>
public static class EndpointRequests
{
    private const string Joined = "container:";

    /// <summary>Whether the container has no network interfaces of the engine's: the host's network, none, or another container's.</summary>
    public static bool IsPassive(Container container) => IsPassive(container.HostConfig.NetworkMode);

    /// <inheritdoc cref="IsPassive(Container)"/>
    public static bool IsPassive(string mode) => mode is "host" or "none" || SharesOther(mode);

    /// <summary>Whether a mode means the network of another container.</summary>
    public static bool SharesOther(string mode) => Shared(mode) is not null;

    /// <summary>The container, by name or ID, whose network a mode means; null when it means none.</summary>
    public static string? Shared(string mode) => mode.StartsWith(Joined, StringComparison.Ordinal) ? mode[Joined.Length..] : null;

    /// <summary>
    /// Its networks, in the order in which they are connected: the first that has a way out gives the default route, and publishes the ports.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="find">Finds a network, or throws.</param>
    /// <exception cref="Oci.GantryException">There is no such network.</exception>
    public static IReadOnlyList<(Network Network, EndpointRequest Request)> Of(Container container, Func<string, Network> find)
    {
        if (SharesOther(container.HostConfig.NetworkMode))
            return [];
        var wanted = NetworkPlan.Of(container)
            .Select(entry => (Network: find(entry.Key), Asked: entry.Value))
            .OrderByDescending(entry => entry.Asked.GwPriority).ThenBy(entry => entry.Network.Internal)
            .ThenBy(entry => entry.Network.Name, StringComparer.Ordinal).ToList();
        var gateway = wanted.FindIndex(entry => !entry.Network.Internal);
        return [.. wanted.Select((entry, index) => (entry.Network, For(container, entry.Network, entry.Asked, index == gateway)))];
    }

    /// <summary>What a container wants of one network.</summary>
    /// <param name="container">The container.</param>
    /// <param name="network">The network.</param>
    /// <param name="asked">What the user asked for.</param>
    /// <param name="publishes">Whether its ports are published by this network.</param>
    public static EndpointRequest For(Container container, Network network, EndpointSettings asked, bool publishes) => new()
    {
        ContainerId = container.Id,
        ContainerName = container.Name,
        IPv4Address = asked.IPAMConfig?.IPv4Address,
        IPv6Address = asked.IPAMConfig?.IPv6Address,
        LinkLocalAddresses = asked.IPAMConfig?.LinkLocalIPs ?? [],
        MacAddress = asked.MacAddress.Length > 0 ? asked.MacAddress : null,
        Aliases = network.IsPredefined ? asked.Aliases ?? [] : Names(container, asked),
        Options = asked.DriverOpts ?? new Dictionary<string, string>(),
        GatewayPriority = asked.GwPriority,
        Ports = publishes && !IsPassive(container) ? PortRequests.Of(container.Config, container.HostConfig) : [],
    };

    /// <summary>The names by which a container is found on a network of a user: its own, its aliases, the short ID, the host name.</summary>
    public static IReadOnlyList<string> Names(Container container, EndpointSettings asked) =>
        [.. new[] { container.Name }.Concat(asked.Aliases ?? []).Append(container.Id[..12]).Append(container.Config.Hostname).Where(name => name.Length > 0)
            .Distinct()];

    /// <summary>Whether the container has asked for the address that it has on a network.</summary>
    public static bool HasFixedAddress(Container container, Endpoint endpoint) =>
        NetworkPlan.Of(container).GetValueOrDefault(endpoint.NetworkName)?.IPAMConfig is { } asked && (asked.IPv4Address ?? asked.IPv6Address) is not null;
}
