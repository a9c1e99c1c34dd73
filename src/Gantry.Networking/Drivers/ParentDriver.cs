using System.Collections.Concurrent;
using System.Net;
using Gantry.Networking.Ipam;
using Gantry.Networking.Ports;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>
/// What <c>macvlan</c> and <c>ipvlan</c> have in common: containers have interfaces on the wire of one of the host's, their parent. The host is no
/// gateway, translates nothing and publishes nothing: ports are reached by the container's own address, so that docker, too, passes over <c>-p</c>.
/// </summary>
public abstract class ParentDriver : INetworkDriver
{
    private readonly ConcurrentDictionary<string, ParentNetwork> _networks = new();
    private readonly ParentLinks _links;
    private readonly AddressPlan _plan;

    private protected ParentDriver(DriverSettings settings)
    {
        _links = new ParentLinks(settings.Instance);
        _plan = new AddressPlan(settings.NewChooser());
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public NamespaceOwner NamespaceOwner => NamespaceOwner.Container;

    /// <inheritdoc/>
    public bool IsForUsers => true;

    /// <inheritdoc/>
    public void Validate(Network network)
    {
        _ = ParentOptions.Parse(network);
        AddressPlan.Validate(network);
    }

    /// <inheritdoc/>
    public Network Complete(Network network, IReadOnlyCollection<Network> others)
    {
        var options = ParentOptions.Parse(network);
        var parent = ParentLinks.NameOf(network, options);
        var owner = others.FirstOrDefault(other => other.Driver is "macvlan" or "ipvlan" && ParentLinks.NameOf(other, ParentOptions.Parse(other)) == parent);
        if (owner is not null)
            throw GantryException.Conflict($"network {owner.Id[..12]} ({owner.Name}) is already using parent interface {parent}");
        // Without a parent there is no way out.
        return _plan.Complete(network with { Internal = network.Internal || options.Parent is null }, others, BridgeLinks.UsedByHost());
    }

    /// <inheritdoc/>
    public void Validate(Network network, EndpointRequest request)
    {
        AddressPlan.Validate(network, request);
        if (request.MacAddress is { } hardware)
            _ = HardwareAddress.Parse(hardware);
        _ = EndpointOptions.Parse(request);
        foreach (var port in request.Ports)
            PortReserver.Validate(port);
    }

    /// <inheritdoc/>
    public Task CreateAsync(Network network, CancellationToken cancellation)
    {
        var options = ParentOptions.Parse(network);
        _links.Ensure(network, options);
        _networks.TryAdd(network.Id, new ParentNetwork(network, options, HasGateway(options)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeleteAsync(Network network, CancellationToken cancellation)
    {
        _networks.TryRemove(network.Id, out _);
        _links.Remove(network, ParentOptions.Parse(network));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Endpoint> AttachAsync(
        Network network, string endpointId, EndpointRequest request, Fd? networkNamespace, CancellationToken cancellation)
    {
        var made = Made(network);
        // 1. What others may not get.
        var addresses = made.Addresses.Take(request);
        try
        {
            // 2. The interface.
            var link = NewLink(made, request, addresses);
            var name = Connect(network, made, link, request, networkNamespace ?? throw new ArgumentNullException(nameof(networkNamespace)), out var hardware);
            var endpoint = new Endpoint
            {
                Id = endpointId,
                NetworkId = network.Id,
                NetworkName = network.Name,
                ContainerId = request.ContainerId,
                ContainerName = request.ContainerName,
                GatewayPriority = request.GatewayPriority,
                InterfaceName = name,
                MacAddress = hardware,
                IPv4Address = made.TextOf(addresses.Version4, made.Addresses.Version4),
                IPv6Address = made.TextOf(addresses.Version6, made.Addresses.Version6),
                IPv4Gateway = made.WayOut(made.Addresses.Version4)?.ToString() ?? "",
                IPv6Gateway = made.WayOut(made.Addresses.Version6)?.ToString() ?? "",
            };
            made.Endpoints[endpointId] = endpoint;
            return ValueTask.FromResult(endpoint);
        }
        catch
        {
            made.Addresses.Release(addresses);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<Endpoint> PublishAsync(Network network, Endpoint endpoint, EndpointRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(endpoint);

    /// <inheritdoc/>
    public ValueTask RestoreAsync(Network network, Endpoint endpoint, CancellationToken cancellation)
    {
        var made = Made(network);
        if (made.Endpoints.TryAdd(endpoint.Id, endpoint))
            made.Addresses.Restore(EndpointAddresses.Of(endpoint));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DetachAsync(Network network, Endpoint endpoint, Fd? networkNamespace, CancellationToken cancellation)
    {
        if (!_networks.TryGetValue(network.Id, out var made) || !made.Endpoints.TryRemove(endpoint.Id, out _))
            return ValueTask.CompletedTask;
        try
        {
            if (networkNamespace is not null)
                Disconnect(endpoint, networkNamespace);
        }
        finally
        {
            made.Addresses.Release(EndpointAddresses.Of(endpoint));
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the interface in the container's namespace.</summary>
    /// <param name="routes">The host's interfaces.</param>
    /// <param name="options">The network's configuration.</param>
    /// <param name="link">Name, parent and namespace.</param>
    /// <param name="hardware">A hardware address.</param>
    private protected abstract void Make(RouteSocket routes, ParentOptions options, ChildLink link, byte[] hardware);

    /// <summary>Whether what leaves goes to the gateway; otherwise it goes out of the interface as it is.</summary>
    private protected abstract bool HasGateway(ParentOptions options);

    private string Connect(Network network, ParentNetwork made, ContainerLink link, EndpointRequest request, Fd networkNamespace, out string hardware)
    {
        using var routes = RouteSocket.Open();
        var parentName = ParentLinks.NameOf(network, made.Options);
        var parent = routes.FindLink(parentName) ?? throw new OsException($"find the parent interface {parentName}", Errno.ENODEV);
        var address = request.MacAddress is { } text ? HardwareAddress.Parse(text) : HardwareAddress.Of((link.Addresses.Version4 ?? link.Addresses.Version6)!);
        string? created = null;
        try
        {
            var name = link.Make(networkNamespace, inside =>
            {
                Make(routes, made.Options, new ChildLink(inside, parent.Index, made.Options.Mtu, networkNamespace), address);
                created = inside;
            });
            using var there = RouteSocket.Open(networkNamespace);
            hardware = there.FindLink(name)?.Address ?? "";
            return name;
        }
        catch (OsException e) when (e.Errno == Errno.EOPNOTSUPP && created is null)
        {
            throw GantryException.NotImplemented(
                $"cannot connect to the network {network.Name}: the kernel of this machine has no {Name} (its module is not there)");
        }
        catch
        {
            if (created is not null)
                Remove(networkNamespace, created);
            throw;
        }
    }

    private ContainerLink NewLink(ParentNetwork made, EndpointRequest request, EndpointAddresses addresses) => new()
    {
        Prefix = made.Options.LinkPrefix,
        Options = EndpointOptions.Parse(request),
        Addresses = addresses,
        LinkLocal = [.. request.LinkLocalAddresses.Select(IPAddress.Parse)],
        Network = made.Addresses,
        Gateway4 = request.GivesIPv4Route ? made.WayOut(made.Addresses.Version4) : null,
        Gateway6 = request.GivesIPv6Route ? made.WayOut(made.Addresses.Version6) : null,
    };

    /// <summary>The interface may have been given another name inside; its hardware address is known where it is its own.</summary>
    private static void Disconnect(Endpoint endpoint, Fd networkNamespace)
    {
        using var inside = RouteSocket.Open(networkNamespace);
        var links = inside.ListLinks();
        var link = links.FirstOrDefault(link => link.Name == endpoint.InterfaceName && link.Address == endpoint.MacAddress)
            ?? links.FirstOrDefault(link => link.Kind == "macvlan" && link.Address == endpoint.MacAddress);
        if (link is not null)
            inside.DeleteLink(link.Name);
    }

    private static void Remove(Fd networkNamespace, string name) => NetworkNamespace.Run(networkNamespace, () =>
    {
        using var inside = RouteSocket.Open();
        return inside.DeleteLink(name);
    });

    private ParentNetwork Made(Network network) =>
        _networks.GetValueOrDefault(network.Id) ?? throw new GantryException(ErrorKind.Unavailable, $"the network {network.Name} is not there");
}

/// <summary>What a driver knows of a network on a parent interface while that exists.</summary>
/// <param name="network">The network.</param>
/// <param name="options">Its configuration.</param>
/// <param name="hasGateway">Whether what leaves goes to the gateway; otherwise it goes out of the interface as it is.</param>
internal sealed class ParentNetwork(Network network, ParentOptions options, bool hasGateway)
{
    internal ParentOptions Options => options;

    internal NetworkAddresses Addresses { get; } = new(network);

    /// <summary>By their IDs.</summary>
    internal ConcurrentDictionary<string, Endpoint> Endpoints { get; } = new();

    /// <summary>Where what leaves goes to: an address, that of no machine for whoever has it on the wire, or null for nowhere.</summary>
    internal IPAddress? WayOut(SubnetPool? pool) => network.Internal || pool is null ? null
        : hasGateway ? pool.Gateway
        : pool.Family == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;

    internal string TextOf(IPAddress? address, SubnetPool? pool) => address is null ? "" : $"{address}/{pool!.Subnet.PrefixLength}";
}
