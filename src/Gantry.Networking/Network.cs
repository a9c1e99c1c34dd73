using System.Text.Json.Serialization;
using Gantry.Networking.Ports;

namespace Gantry.Networking;

/// <summary>A network. It does not change; after a change the store has another object.</summary>
public sealed record Network
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the driver: <c>null</c>, <c>host</c> ...</summary>
    public required string Driver { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where it is known: <c>local</c>.</summary>
    public string Scope { get; init; } = "local";

    /// <summary>Whether endpoints get IPv4 addresses.</summary>
    public bool EnableIPv4 { get; init; } = true;

    /// <summary>Whether endpoints get IPv6 addresses.</summary>
    public bool EnableIPv6 { get; init; }

    /// <summary>Whether it was said that containers may be attached to it: it counts for Swarm's networks, and is kept for the others.</summary>
    public bool Attachable { get; init; }

    /// <summary>Whether there is no way out of it.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether it is but a configuration that other networks are made from: nothing is connected to it.</summary>
    public bool IsConfigOnly { get; init; }

    /// <summary>The name of the network whose configuration this one has; empty: its own.</summary>
    public string ConfigFrom { get; init; } = "";

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels of the user.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Addresses; drivers without addresses have no pools.</summary>
    public NetworkAddressing Addressing { get; init; } = new();

    /// <summary>Whether it is one of those that are always there and cannot be removed.</summary>
    [JsonIgnore]
    public bool IsPredefined => Name is "none" or "host" or "bridge";
}

/// <summary>How addresses are given out on a network.</summary>
public sealed record NetworkAddressing
{
    /// <summary>The driver of addresses.</summary>
    public string Driver { get; init; } = "default";

    /// <summary>Options of that driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>The pools; null where the network's driver needs none.</summary>
    public IReadOnlyList<AddressPool>? Pools { get; init; }
}

/// <summary>A subnet that addresses are taken from, in text as docker's API has it.</summary>
/// <param name="Subnet">The subnet, CIDR.</param>
/// <param name="Range">The part of it that is given out, CIDR; null: all.</param>
/// <param name="Gateway">The gateway's address.</param>
/// <param name="Reserved">Addresses that are not given out, by name.</param>
public sealed record AddressPool(string Subnet, string? Range, string? Gateway, IReadOnlyDictionary<string, string>? Reserved);

/// <summary>What a container wants of a network.</summary>
public sealed record EndpointRequest
{
    /// <summary>The container's ID.</summary>
    public required string ContainerId { get; init; }

    /// <summary>Its name, without a slash.</summary>
    public required string ContainerName { get; init; }

    /// <summary>A fixed IPv4 address, or null.</summary>
    public string? IPv4Address { get; init; }

    /// <summary>A fixed IPv6 address, or null.</summary>
    public string? IPv6Address { get; init; }

    /// <summary>Further addresses of the interface, which reach no further than its wire; the network gives out none of them.</summary>
    public IReadOnlyList<string> LinkLocalAddresses { get; init; } = [];

    /// <summary>A fixed hardware address, or null.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Further names on this network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The endpoint with the highest value gives the container's default route; of equal ones, that whose network's name comes first.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>Whether the default route for IPv4 leads by this endpoint, if its network has a way out: decided by the connector.</summary>
    public bool GivesIPv4Route { get; init; } = true;

    /// <summary>The same for IPv6.</summary>
    public bool GivesIPv6Route { get; init; } = true;

    /// <summary>Ports that are to be reached from outside.</summary>
    public IReadOnlyList<PortRequest> Ports { get; init; } = [];
}

/// <summary>A container's connection to a network. Empty texts where the driver gives no such thing.</summary>
public sealed record Endpoint
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The network's ID.</summary>
    public required string NetworkId { get; init; }

    /// <summary>The network's name.</summary>
    public required string NetworkName { get; init; }

    /// <summary>The container's ID.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The container's name, without a slash.</summary>
    public required string ContainerName { get; init; }

    /// <summary>The interface inside the container.</summary>
    public string InterfaceName { get; init; } = "";

    /// <summary>What <see cref="EndpointRequest.GatewayPriority"/> was.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>The hardware address.</summary>
    public string MacAddress { get; init; } = "";

    /// <summary>The IPv4 address with the length of its prefix, CIDR.</summary>
    public string IPv4Address { get; init; } = "";

    /// <summary>The IPv6 address with the length of its prefix, CIDR.</summary>
    public string IPv6Address { get; init; } = "";

    /// <summary>The way out for IPv4.</summary>
    public string IPv4Gateway { get; init; } = "";

    /// <summary>The way out for IPv6.</summary>
    public string IPv6Gateway { get; init; } = "";

    /// <summary>Ports that are reached from outside.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];
}
