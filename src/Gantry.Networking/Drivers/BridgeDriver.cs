using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>
/// Networks of one bridge each on this host: containers are its ports, the host is their gateway, and one table of nf_tables keeps networks
/// apart, translates what leaves them, and leads published ports to containers. Works in the network namespace of the calling thread.
/// </summary>
/// <param name="instance">The engine's name: that of its table, and the mark of its bridges.</param>
public sealed class BridgeDriver(string instance) : INetworkDriver
{
    private readonly ConcurrentDictionary<string, BridgeNetwork> _networks = new();
    private readonly BridgeLinks _links = new(instance);
    private readonly BridgeFirewall _firewall = new(instance);
    private readonly PortReserver _ports = new();
    private readonly Lock _firewallGate = new();

    /// <inheritdoc/>
    public string Name => "bridge";

    /// <inheritdoc/>
    public NamespaceOwner NamespaceOwner => NamespaceOwner.Container;

    /// <inheritdoc/>
    public bool IsForUsers => true;

    /// <inheritdoc/>
    public void Validate(Network network)
    {
        _ = BridgeOptions.Parse(network);
        if (network.EnableIPv6)
            throw GantryException.NotImplemented("this version of Gantry does not do IPv6 networks");
        if (!network.EnableIPv4)
            throw GantryException.Invalid("IPv4 or IPv6 must be enabled");
        if (network.Addressing.Driver != "default" || network.Addressing.Options is { Count: > 0 })
            throw GantryException.NotImplemented($"IPAM driver \"{network.Addressing.Driver}\" with options is not available: default without options is");
        if (network.Addressing.Pools is { Count: > 1 })
            throw GantryException.Invalid("bridge driver doesn't support multiple subnets");
        if (network.Addressing.Pools is [{ Subnet.Length: > 0 } pool])
            _ = SubnetPool.Parse(pool);
        else if (network.Addressing.Pools is [{ } open] && (open.Range is not null || open.Gateway is not null || open.Reserved is { Count: > 0 }))
            throw GantryException.Invalid("invalid network config: ip-range, gateway and auxiliary addresses need a subnet");
    }

    /// <inheritdoc/>
    public Network Complete(Network network, IReadOnlyCollection<Network> others)
    {
        var taken = others.SelectMany(static other => other.Addressing.Pools ?? []).Select(static pool => IPNetwork.Parse(pool.Subnet)).ToList();
        var options = BridgeOptions.Parse(network);
        if (options.Name is { } name && others.FirstOrDefault(other => other.Driver == Name && BridgeOptions.Parse(other).Name == name) is { } owner)
            throw GantryException.Conflict($"cannot create network {network.Id}: conflicts with network {owner.Id} ({owner.Name}): networks have same bridge name");
        var given = network.Addressing.Pools is [{ Subnet.Length: > 0 } one] ? one : null;
        if (given is not null && taken.Any(other => SubnetChooser.Overlap(other, IPNetwork.Parse(given.Subnet))))
            throw new GantryException(ErrorKind.Forbidden, "invalid pool request: Pool overlaps with other one on this address space");
        given ??= new AddressPool(SubnetChooser.Choose([.. taken, .. BridgeLinks.UsedByHost()]).ToString(), null, null, null);
        var pool = given with { Gateway = SubnetPool.Parse(given).Gateway.ToString() };
        return network with { Addressing = network.Addressing with { Pools = [pool] } };
    }

    /// <inheritdoc/>
    public void Validate(Network network, EndpointRequest request)
    {
        if (request.IPv4Address is { } text)
        {
            if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetwork)
                throw GantryException.Invalid($"invalid IPv4 address: {text}");
            if (network.IsPredefined)
                throw GantryException.Invalid("user specified IP address is supported on user defined networks only");
            if (network.Addressing.Pools is [{ } pool] && !IPNetwork.Parse(pool.Subnet).Contains(address))
                throw GantryException.Invalid($"no configured subnet contains IP address {text}");
        }
        if (request.IPv6Address is not null)
            throw GantryException.Invalid($"the network {network.Name} has no IPv6");
        if (request.MacAddress is { } hardware)
            _ = BridgeLinks.ParseHardwareAddress(hardware);
        if (request.Options.Count > 0)
            throw GantryException.NotImplemented($"this version of Gantry does not know the endpoint option {request.Options.Keys.First()}");
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
            WriteFirewall();
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
        WriteFirewall();
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
            var address = request.IPv4Address is { } wanted ? made.Addresses.Take(IPAddress.Parse(wanted)) : made.Addresses.Take();
            undo.Push(() => made.Addresses.Release(address));
            var ports = _ports.Reserve(endpointId, [.. request.Ports.Select(port => OnNetwork(port, made))]);
            undo.Push(() => _ports.Release(endpointId));
            // 2. The interfaces.
            var hardware = request.MacAddress is { } text ? BridgeLinks.ParseHardwareAddress(text) : BridgeLinks.HardwareAddress(address);
            BridgeLinks.Connect(made, endpointId, address, hardware, networkNamespace ?? throw new ArgumentNullException(nameof(networkNamespace)));
            undo.Push(() => BridgeLinks.Disconnect(endpointId));
            // 3. The rules that lead to it.
            var endpoint = NewEndpoint(network, made, endpointId, request) with
            {
                IPv4Address = $"{address}/{made.Pool.Subnet.PrefixLength}",
                MacAddress = string.Join(':', hardware.Select(static part => part.ToString("x2"))),
                Ports = ports,
            };
            made.Endpoints[endpointId] = endpoint;
            undo.Push(() => made.Endpoints.TryRemove(endpointId, out _));
            if (ports.Count > 0)
                WriteFirewall();
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
    public ValueTask RestoreAsync(Network network, Endpoint endpoint, CancellationToken cancellation)
    {
        var made = Made(network);
        if (!made.Endpoints.TryAdd(endpoint.Id, endpoint))
            return ValueTask.CompletedTask;
        made.Addresses.Take(BridgeNetwork.AddressOf(endpoint));
        _ports.Restore(endpoint.Id, endpoint.Ports);
        if (endpoint.Ports.Count > 0)
            WriteFirewall();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DetachAsync(Network network, Endpoint endpoint, Fd? networkNamespace, CancellationToken cancellation)
    {
        if (!_networks.TryGetValue(network.Id, out var made) || !made.Endpoints.TryRemove(endpoint.Id, out _))
            return ValueTask.CompletedTask;
        try
        {
            // The address goes last: nobody gets it while rules lead to it, or its interface is there.
            if (endpoint.Ports.Count > 0)
                WriteFirewall();
        }
        finally
        {
            _ports.Release(endpoint.Id);
            BridgeLinks.Disconnect(endpoint.Id);
            made.Addresses.Release(BridgeNetwork.AddressOf(endpoint));
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Removes the interfaces of endpoints that nobody restored. To be called after a start, when all that still run have been; and before
    /// anything is attached.
    /// </summary>
    public void RemoveLeftovers()
    {
        foreach (var made in _networks.Values)
            BridgeLinks.RemoveLeftovers(made);
    }

    private void WriteFirewall()
    {
        lock (_firewallGate)
        {
            var networks = _networks.Values.ToList();
            _firewall.Write([.. networks.Select(static made => made.Firewalled)], [.. networks.SelectMany(static made => made.FirewalledPorts)]);
        }
    }

    private void Forget(Network network, BridgeNetwork made)
    {
        _networks.TryRemove(network.Id, out _);
        _links.Remove(network, made.Bridge);
        WriteFirewall();
    }

    private BridgeNetwork Made(Network network) =>
        _networks.GetValueOrDefault(network.Id) ?? throw new GantryException(ErrorKind.Unavailable, $"the network {network.Name} is not there");

    private static PortRequest OnNetwork(PortRequest port, BridgeNetwork made) =>
        port.HostAddress.Length == 0 ? port with { HostAddress = made.Options.PublishAddress } : port;

    private static Endpoint NewEndpoint(Network network, BridgeNetwork made, string endpointId, EndpointRequest request) => new()
    {
        Id = endpointId,
        NetworkId = network.Id,
        NetworkName = network.Name,
        ContainerId = request.ContainerId,
        ContainerName = request.ContainerName,
        IPv4Gateway = made.IsInternal ? "" : made.Pool.Gateway.ToString(),
    };
}
