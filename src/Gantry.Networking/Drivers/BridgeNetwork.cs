using System.Collections.Concurrent;
using System.Net;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;

namespace Gantry.Networking.Drivers;

/// <summary>What the driver knows of a network while that exists: its configuration as values, its addresses and its endpoints.</summary>
internal sealed class BridgeNetwork
{
    internal BridgeNetwork(Network network)
    {
        Options = BridgeOptions.Parse(network);
        Pool = BridgeOptions.Pool(network);
        Bridge = Options.Bridge(network);
        Addresses = new AddressAllocator(Pool);
        IsInternal = network.Internal;
    }

    internal BridgeOptions Options { get; }

    internal SubnetPool Pool { get; }

    /// <summary>The interface.</summary>
    internal string Bridge { get; }

    internal AddressAllocator Addresses { get; }

    internal bool IsInternal { get; }

    /// <summary>By their IDs.</summary>
    internal ConcurrentDictionary<string, Endpoint> Endpoints { get; } = new();

    internal FirewalledNetwork Firewalled => new(Bridge, Pool.Subnet, IsInternal, Options.Masquerade);

    internal IEnumerable<FirewalledPort> FirewalledPorts => Endpoints.Values
        .SelectMany(endpoint => endpoint.Ports.Select(port => new FirewalledPort(port, AddressOf(endpoint))));

    internal static IPAddress AddressOf(Endpoint endpoint) => IPAddress.Parse(endpoint.IPv4Address.Split('/')[0]);
}
