using System.Globalization;
using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Engine.Containers;
using Gantry.Engine.Networks;
using Gantry.Networking;
using Gantry.Oci;

namespace Gantry.Api.Mapping;

/// <summary>Networks, and containers' connections to them, on the wire.</summary>
internal sealed class NetworkMapping(Engine.Engine engine)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>The running containers on a network, as docker names them where one is in the way: name and the beginning of the ID.</summary>
    public IReadOnlyList<string> UsersOf(Network network) =>
        [.. engine.NetworkEndpoints.EndpointsOf(network).Select(endpoint => $"name:\"{endpoint.ContainerName}\" id:\"{endpoint.ContainerId[..12]}\"")];

    /// <summary>Whether a running container is on a network.</summary>
    public bool IsUsed(Network network) => engine.NetworkEndpoints.EndpointsOf(network).Count > 0;

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
        Attachable = network.Attachable,
        ConfigFrom = new ConfigReference { Network = network.ConfigFrom },
        ConfigOnly = network.IsConfigOnly,
        Options = network.Options,
        Labels = network.Labels,
        Containers = engine.NetworkEndpoints.EndpointsOf(network).ToDictionary(endpoint => endpoint.ContainerId, ToEndpoint),
    };

    /// <exception cref="GantryException">The request asks for what is not offered (501), or has no name (400).</exception>
    public static Network ToNetwork(NetworkCreateRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Name)) throw GantryException.Invalid("invalid name: name is empty");
        // Attachable says something of Swarm's networks only; docker takes it for others too.
        if (request.Ingress) throw new GantryException(ErrorKind.Forbidden, "Ingress network can only be global scope network");
        if (request.Scope == "swarm") throw new GantryException(ErrorKind.Forbidden, "cannot create a swarm scoped network when swarm is not active");
        if (request.Scope is not ("" or "local")) throw GantryException.Invalid(
            $"invalid scope \"{request.Scope}\": the networks of one host have the scope local");
        if (request.Driver == "overlay") throw new GantryException(ErrorKind.Forbidden, Endpoints.UnavailableEndpoints.NoSwarm);
        return new Network
        {
            Id = "",
            CreatedAt = default,
            Name = request.Name,
            Driver = request.Driver.Length > 0 ? request.Driver : "bridge",
            IsConfigOnly = request.ConfigOnly,
            ConfigFrom = request.ConfigFrom?.Network ?? "",
            EnableIPv4 = request.EnableIPv4 ?? true,
            EnableIPv6 = request.EnableIPv6 ?? false,
            Internal = request.Internal,
            Attachable = request.Attachable,
            Options = request.Options ?? None,
            Labels = request.Labels ?? None,
            Addressing = new NetworkAddressing
            {
                Driver = request.IPAM is { Driver.Length: > 0 } ipam ? ipam.Driver : "default",
                Options = request.IPAM?.Options,
                Pools = request.IPAM?.Config is { Count: > 0 } pools
                    ? [.. pools.Select(pool => new Networking.AddressPool(pool.Subnet ?? "", pool.IPRange, pool.Gateway, pool.AuxiliaryAddresses))] : null,
            },
        };
    }

    /// <summary>A container's connections; the fields of the default bridge are there for clients below 1.52.</summary>
    public NetworkSettings ToSettings(Container container, ApiVersion version)
    {
        var endpoints = ToEndpoints(container);
        var isIsolated = container.State.IsRunning && container.HostConfig.NetworkMode != "host";
        var settings = new NetworkSettings
        {
            SandboxID = container.State.IsRunning ? container.Id : "",
            SandboxKey = container.State.IsRunning ? $"/proc/{container.State.Pid}/ns/net" : "",
            Ports = isIsolated ? PortMapping.ToBindings(container) : new Dictionary<string, IReadOnlyList<PortBinding>?>(),
            Networks = endpoints,
        };
        return version.IsAtLeast(52) ? settings : Legacy(settings, endpoints.GetValueOrDefault("bridge") ?? new EndpointSettings());
    }

    /// <summary>A container's connections by network name; none for one that shares another container's network.</summary>
    public IReadOnlyDictionary<string, EndpointSettings> ToEndpoints(Container container) =>
        NetworkPlan.Of(container).ToDictionary(entry => entry.Key, entry => ToEndpoint(container, entry.Key, entry.Value));

    private EndpointSettings ToEndpoint(Container container, string name, EndpointSettings asked)
    {
        if (engine.Networks.Find(name) is not { } network) return asked;
        var named = asked with { NetworkID = container.State.StartedAt is null ? "" : network.Id, DNSNames = network.IsPredefined ? null
            : EndpointRequests.Names(container, asked) };
        if (container.Endpoints.FirstOrDefault(endpoint => endpoint.NetworkId == network.Id) is not { } endpoint) return named;
        return named with
        {
            EndpointID = endpoint.Id,
            MacAddress = endpoint.MacAddress,
            Gateway = endpoint.IPv4Gateway,
            IPAddress = AddressOf(endpoint.IPv4Address),
            IPPrefixLen = PrefixOf(endpoint.IPv4Address),
            IPv6Gateway = endpoint.IPv6Gateway,
            GlobalIPv6Address = AddressOf(endpoint.IPv6Address),
            GlobalIPv6PrefixLen = PrefixOf(endpoint.IPv6Address),
        };
    }

    private static LegacyNetworkSettings Legacy(NetworkSettings settings, EndpointSettings bridge) => new()
    {
        SandboxID = settings.SandboxID,
        SandboxKey = settings.SandboxKey,
        Ports = settings.Ports,
        Networks = settings.Networks,
        EndpointID = bridge.EndpointID,
        Gateway = bridge.Gateway,
        IPAddress = bridge.IPAddress,
        IPPrefixLen = bridge.IPPrefixLen,
        IPv6Gateway = bridge.IPv6Gateway,
        GlobalIPv6Address = bridge.GlobalIPv6Address,
        GlobalIPv6PrefixLen = bridge.GlobalIPv6PrefixLen,
        MacAddress = bridge.MacAddress,
    };

    private static EndpointResource ToEndpoint(Endpoint endpoint) => new()
    {
        Name = endpoint.ContainerName,
        EndpointID = endpoint.Id,
        MacAddress = endpoint.MacAddress,
        IPv4Address = endpoint.IPv4Address,
        IPv6Address = endpoint.IPv6Address,
    };

    private static string AddressOf(string cidr) => cidr.Split('/')[0];

    private static int PrefixOf(string cidr) => cidr.IndexOf('/') is > 0 and var slash ? int.Parse(cidr.AsSpan(slash + 1), CultureInfo.InvariantCulture) : 0;

    private static NetworkIpamConfig ToIpam(Networking.AddressPool pool) => new()
    {
        Subnet = pool.Subnet,
        IPRange = pool.Range,
        Gateway = pool.Gateway,
        AuxiliaryAddresses = pool.Reserved,
    };
}
