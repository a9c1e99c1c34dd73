using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Engine.Containers;
using Gantry.Networking;
using Gantry.Oci;

namespace Gantry.Api.Mapping;

/// <summary>Networks, and containers' connections to them, on the wire.</summary>
internal sealed class NetworkMapping(Engine.Engine engine)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>The running containers on a network, by ID.</summary>
    public IReadOnlyList<string> UsersOf(Network network) => [.. ContainersOn(network).Select(container => container.Id)];

    /// <summary>A row of a list: with its containers before 1.28, with an empty set instead before 1.52, without any since.</summary>
    public NetworkResource ToRow(Network network, ApiVersion version)
    {
        var whole = ToResource(network);
        if (!version.IsAtLeast(28)) return whole;
        return whole with { Containers = version.IsAtLeast(52) ? null : new Dictionary<string, EndpointResource>() };
    }

    /// <summary>A network with its running containers.</summary>
    public NetworkResource ToResource(Network network) => new()
    {
        Name = network.Name,
        Id = network.Id,
        Created = network.CreatedAt,
        Scope = network.Scope,
        Driver = network.Driver,
        EnableIPv4 = network.EnableIPv4,
        EnableIPv6 = network.EnableIPv6,
        IPAM = new NetworkIpam
        {
            Driver = network.Addressing.Driver,
            Options = network.Addressing.Options,
            Config = network.Addressing.Pools is { } pools ? [.. pools.Select(ToIpam)] : null,
        },
        Internal = network.Internal,
        Options = network.Options,
        Labels = network.Labels,
        Containers = ContainersOn(network).ToDictionary(container => container.Id, ToEndpoint),
    };

    /// <exception cref="GantryException">The request asks for what is not offered (501), or has no name (400).</exception>
    public static Network ToNetwork(NetworkCreateRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Name)) throw GantryException.Invalid("invalid name: name is empty");
        if (request.Attachable || request.Ingress || request.Scope is not ("" or "local")) throw GantryException.NotImplemented("swarm networks are not implemented in this version of Gantry");
        if (request.ConfigOnly || request.ConfigFrom is { Network.Length: > 0 }) throw GantryException.NotImplemented("networks made from a configuration are not implemented in this version of Gantry");
        return new Network
        {
            Id = "",
            CreatedAt = default,
            Name = request.Name,
            Driver = request.Driver.Length > 0 ? request.Driver : "bridge",
            EnableIPv4 = request.EnableIPv4 ?? true,
            EnableIPv6 = request.EnableIPv6 ?? false,
            Internal = request.Internal,
            Options = request.Options ?? None,
            Labels = request.Labels ?? None,
            Addressing = new NetworkAddressing
            {
                Driver = request.IPAM is { Driver.Length: > 0 } ipam ? ipam.Driver : "default",
                Options = request.IPAM?.Options,
                Pools = request.IPAM?.Config is { Count: > 0 } pools ? [.. pools.Select(pool => new Networking.AddressPool(pool.Subnet ?? "", pool.IPRange, pool.Gateway, pool.AuxiliaryAddresses))] : null,
            },
        };
    }

    /// <summary>A container's connections; the fields of the default bridge are there for clients below 1.52.</summary>
    public NetworkSettings ToSettings(Container container, ApiVersion version)
    {
        var endpoints = ToEndpoints(container);
        // No driver here makes the default bridge, whose addresses the legacy fields are for.
        return version.IsAtLeast(52) ? new NetworkSettings { Networks = endpoints } : new LegacyNetworkSettings { Networks = endpoints };
    }

    /// <summary>A container's connections by network name; none for one that shares another container's network.</summary>
    public IReadOnlyDictionary<string, EndpointSettings> ToEndpoints(Container container)
    {
        var mode = container.HostConfig.NetworkMode;
        if (mode.StartsWith("container:", StringComparison.Ordinal)) return new Dictionary<string, EndpointSettings>();
        var asked = container.Networking?.EndpointsConfig?.GetValueOrDefault(mode) ?? new EndpointSettings();
        var network = engine.Networks.Find(mode);
        return new Dictionary<string, EndpointSettings> { [network?.Name ?? mode] = asked with { NetworkID = network?.Id ?? "" } };
    }

    private IEnumerable<Container> ContainersOn(Network network) => engine.Containers.List()
        .Where(container => container.State.IsRunning && container.HostConfig.NetworkMode is var mode && (mode == network.Name || mode == network.Id));

    private static EndpointResource ToEndpoint(Container container) => new() { Name = container.Name };

    private static NetworkIpamConfig ToIpam(Networking.AddressPool pool) => new()
    {
        Subnet = pool.Subnet,
        IPRange = pool.Range,
        Gateway = pool.Gateway,
        AuxiliaryAddresses = pool.Reserved,
    };
}
