using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;
using Gantry.Networking.Why;
using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Networking.Drivers;

/// <summary>
/// Networks of one bridge each on this host: containers are its ports, the host is their gateway, and one table of nf_tables keeps networks
/// apart, translates what leaves them, and leads published ports to containers. Works in the network namespace of the thread that makes its
/// first network.
/// </summary>
public sealed class BridgeDriver : INetworkDriver, IDisposable
{
    private readonly ConcurrentDictionary<string, BridgeNetwork> _networks = new();
    private readonly BridgeLinks _links;
    private readonly BridgeFirewallKeeper _firewall;
    private readonly PortReserver _ports = new();
    private readonly ForwardedPorts _forwarded;
    private readonly AddressPlan _plan;

    /// <summary>Makes the driver of an engine.</summary>
    /// <param name="instance">The engine's name: that of its table, and the mark of its bridges.</param>
    public BridgeDriver(string instance) : this(new DriverSettings { Instance = instance })
    {
    }

    /// <summary>Makes the driver of an engine.</summary>
    public BridgeDriver(DriverSettings settings)
    {
        _links = new BridgeLinks(settings.Instance);
        _plan = new AddressPlan(settings.NewChooser());
        _forwarded = new ForwardedPorts(settings.Forwarder, _ports, settings.PublishScope, forwardsAll: !settings.MakesRules);
        _firewall = new BridgeFirewallKeeper(settings, () => [.. _networks.Values]);
    }

    /// <inheritdoc/>
    public string Name => "bridge";

    /// <inheritdoc/>
    public NamespaceOwner NamespaceOwner => NamespaceOwner.Container;

    /// <inheritdoc/>
    public bool IsForUsers => true;

    /// <summary>Stops watching the firewall. What was made stays.</summary>
    public void Dispose() => _firewall.Dispose();

    /// <inheritdoc/>
    public void Validate(Network network)
    {
        _ = BridgeOptions.Parse(network);
        AddressPlan.Validate(network);
    }

    /// <inheritdoc/>
    public Network Complete(Network network, IReadOnlyCollection<Network> others)
    {
        if (BridgeOptions.Parse(network).Name is { } name
            && others.FirstOrDefault(other => other.Driver == Name && BridgeOptions.Parse(other).Name == name) is { } owner)
            throw GantryException.Conflict(
                $"cannot create network {network.Id}: conflicts with network {owner.Id} ({owner.Name}): networks have same bridge name");
        return _plan.Complete(network, others, BridgeLinks.UsedByHost());
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
        var made = _networks.GetOrAdd(network.Id, static (_, wanted) => new BridgeNetwork(wanted), network);
        try
        {
            // 1. The interface.
            _links.Ensure(network, made);
            // 2. The rules, before anything may pass.
            _firewall.Write();
            // 3. The way through the host.
            BridgeLinks.AllowForwarding(made);
        }
        catch when (made.Endpoints.IsEmpty)
        {
            Forget(network, made);
            throw;
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeleteAsync(Network network, CancellationToken cancellation)
    {
        _networks.TryRemove(network.Id, out _);
        _links.Remove(network, BridgeOptions.Parse(network).Bridge(network));
        _firewall.Write();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Endpoint> AttachAsync(
        Network network, string endpointId, EndpointRequest request, Fd? networkNamespace, CancellationToken cancellation)
    {
        var made = Made(network);
        var undo = new Stack<Action>();
        try
        {
            // 1. What others may not get.
            var addresses = made.Addresses.Take(request);
            undo.Push(() => made.Addresses.Release(addresses));
            var ports = ReservePorts(made, endpointId, request, addresses);
            undo.Push(() => _ports.Release(endpointId));
            // 2. The interfaces.
            var hardware = request.MacAddress is { } text ? HardwareAddress.Parse(text) : HardwareAddress.Of((addresses.Version4 ?? addresses.Version6)!);
            var link = BridgeLinks.Connect(
                made, endpointId, NewLink(made, request, addresses), hardware, networkNamespace ?? throw new ArgumentNullException(nameof(networkNamespace)));
            undo.Push(() => BridgeLinks.Disconnect(endpointId));
            // 3. The rules that lead to it.
            var endpoint = NewEndpoint(network, made, endpointId, request, addresses) with
            {
                InterfaceName = link,
                MacAddress = HardwareAddress.Text(hardware),
                Ports = ports,
            };
            made.Endpoints[endpointId] = endpoint;
            undo.Push(() => made.Endpoints.TryRemove(endpointId, out _));
            _firewall.Open(made.PortsOf(endpoint));
            undo.Push(() => _firewall.Close(made.PortsOf(endpoint)));
            _forwarded.Begin(endpoint);
            return ValueTask.FromResult(endpoint);
        }
        catch
        {
            while (undo.TryPop(out var step))
                step();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Endpoint> PublishAsync(Network network, Endpoint endpoint, EndpointRequest request, CancellationToken cancellation)
    {
        var made = Made(network);
        await _forwarded.EndAsync(endpoint);
        _firewall.Close(made.PortsOf(endpoint));
        _ports.Release(endpoint.Id);
        var withoutPorts = endpoint with { Ports = [] };
        made.Endpoints[endpoint.Id] = withoutPorts;
        try
        {
            var changed = endpoint with { Ports = ReservePorts(made, endpoint.Id, request, EndpointAddresses.Of(endpoint)) };
            made.Endpoints[endpoint.Id] = changed;
            _firewall.Open(made.PortsOf(changed));
            _forwarded.Begin(changed);
            return changed;
        }
        catch
        {
            _firewall.Close(made.PortsOf(made.Endpoints[endpoint.Id]));
            made.Endpoints[endpoint.Id] = withoutPorts;
            _ports.Release(endpoint.Id);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask RestoreAsync(Network network, Endpoint endpoint, CancellationToken cancellation)
    {
        var made = Made(network);
        if (!made.Endpoints.TryAdd(endpoint.Id, endpoint))
            return ValueTask.CompletedTask;
        made.Addresses.Restore(EndpointAddresses.Of(endpoint));
        _ports.Restore(endpoint.Id, endpoint.ContainerName, endpoint.Ports);
        _firewall.Open(made.PortsOf(endpoint));
        _forwarded.Begin(endpoint);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DetachAsync(Network network, Endpoint endpoint, Fd? networkNamespace, CancellationToken cancellation)
    {
        if (!_networks.TryGetValue(network.Id, out var made) || !made.Endpoints.TryRemove(endpoint.Id, out _))
            return;
        try
        {
            // The address goes last: nobody gets it while rules lead to it, or its interface is there.
            _firewall.Close(made.PortsOf(endpoint));
        }
        finally
        {
            await _forwarded.EndAsync(endpoint);
            _ports.Release(endpoint.Id);
            BridgeLinks.Disconnect(endpoint.Id);
            made.Addresses.Release(EndpointAddresses.Of(endpoint));
        }
    }

    /// <summary>
    /// Says which ports the linked containers of the network <c>bridge</c> reach of each other. It counts where they do not reach each other anyway
    /// (<c>enable_icc</c> is false), and holds until it is called again.
    /// </summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public void Link(Network network, IEnumerable<LinkedPort> links)
    {
        if (_networks.TryGetValue(network.Id, out var made) && made.HasLinks)
            _firewall.Link(made, links.ToHashSet());
    }

    /// <summary>What decides, besides the networks, who reaches their containers: for <see cref="ReachabilityModel"/>.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public FirewallFacts ReadFirewallFacts() => _firewall.ReadFacts();

    /// <summary>
    /// Leaves the rules of an earlier daemon as they are, until <see cref="RemoveLeftoversAsync"/>: what containers that run have published is reached
    /// while this daemon finds out about them.
    /// </summary>
    public void BeginRestore() => _firewall.Postpone();

    /// <summary>
    /// Removes the interfaces of endpoints that nobody restored, rules that lead to them, and what is forwarded to them. To be called after a start, when
    /// all that still run have been; and before anything is attached.
    /// </summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public async Task RemoveLeftoversAsync()
    {
        _firewall.Resume();
        await _forwarded.EndOthersAsync(_networks.Values.SelectMany(static made => made.Endpoints.Values));
        foreach (var made in _networks.Values)
            BridgeLinks.RemoveLeftovers(made);
    }

    private IReadOnlyList<PublishedPort> ReservePorts(BridgeNetwork made, string endpointId, EndpointRequest request, EndpointAddresses addresses)
    {
        // There is no way into an internal network.
        if (made.IsInternal)
            return [];
        var wanted = request.Ports.Select(port => made.HostPortsOf(port, addresses, _forwarded.CanForward(port.Protocol))).ToList();
        var routed = wanted.SelectMany(port => port.Addresses.Where(address => IsRouted(made, address))
            .Select(address => new PublishedPort(port.Wanted.ContainerPort, port.Wanted.Protocol, address.ToString(), 0)));
        var translated = wanted.Select(port => port with { Addresses = [.. port.Addresses.Where(address => !IsRouted(made, address))] });
        try
        {
            return [.. _ports.Reserve(endpointId, request.ContainerName, [.. translated]), .. routed];
        }
        catch (GantryException e)
        {
            throw new GantryException(
                e.Kind, $"driver failed programming external connectivity on endpoint {request.ContainerName} ({endpointId}): {e.Message}", e);
        }
    }

    private static bool IsRouted(BridgeNetwork made, IPAddress host) => made.Options.Mode(host.AddressFamily) == GatewayMode.Routed;

    private static ContainerLink NewLink(BridgeNetwork made, EndpointRequest request, EndpointAddresses addresses) => new()
    {
        Prefix = made.Options.LinkPrefix,
        Options = EndpointOptions.Parse(request),
        Addresses = addresses,
        LinkLocal = [.. request.LinkLocalAddresses.Select(IPAddress.Parse)],
        Network = made.Addresses,
        Gateway4 = made.IsInternal || !request.GivesIPv4Route ? null : made.Addresses.Version4?.WayOut,
        Gateway6 = made.IsInternal || !request.GivesIPv6Route ? null : made.Addresses.Version6?.WayOut,
    };

    private static Endpoint NewEndpoint(Network network, BridgeNetwork made, string endpointId, EndpointRequest request, EndpointAddresses addresses) => new()
    {
        Id = endpointId,
        NetworkId = network.Id,
        NetworkName = network.Name,
        ContainerId = request.ContainerId,
        ContainerName = request.ContainerName,
        GatewayPriority = request.GatewayPriority,
        IPv4Address = addresses.Version4 is { } four ? $"{four}/{made.Addresses.Version4!.Subnet.PrefixLength}" : "",
        IPv6Address = addresses.Version6 is { } six ? $"{six}/{made.Addresses.Version6!.Subnet.PrefixLength}" : "",
        IPv4Gateway = made.GatewayOf(made.Addresses.Version4),
        IPv6Gateway = made.GatewayOf(made.Addresses.Version6),
    };

    private void Forget(Network network, BridgeNetwork made)
    {
        _networks.TryRemove(network.Id, out _);
        _links.Remove(network, made.Bridge);
        _firewall.Write();
    }

    private BridgeNetwork Made(Network network) =>
        _networks.GetValueOrDefault(network.Id) ?? throw new GantryException(ErrorKind.Unavailable, $"the network {network.Name} is not there");
}
