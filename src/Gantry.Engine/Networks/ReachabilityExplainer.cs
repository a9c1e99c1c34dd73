using System.Net;
using Gantry.Engine.Containers;
using Gantry.Networking;
using Gantry.Networking.Why;
using Gantry.Oci;

namespace Gantry.Engine.Networks;

/// <summary>Explains who reaches a container, and which rule decides: <c>gantry network why</c>.</summary>
public sealed class ReachabilityExplainer
{
    private readonly ContainerRegistry _containers;
    private readonly NetworkStore _networks;
    private readonly Func<FirewallFacts> _facts;

    internal ReachabilityExplainer(ContainerRegistry containers, NetworkStore networks, Func<FirewallFacts> facts)
    {
        _containers = containers;
        _networks = networks;
        _facts = facts;
    }

    /// <summary>All ways to a container.</summary>
    /// <param name="container">The container's name or ID.</param>
    /// <param name="port">One of its ports; null: those published, and all others together.</param>
    /// <param name="from">From where: <c>host</c>, <c>lan</c>, <c>world</c>, an address, or a container; empty: from everywhere.</param>
    /// <exception cref="GantryException">There is no such container, it does not run, or nothing is known of <paramref name="from"/>.</exception>
    public IReadOnlyList<Way> Explain(string container, ushort? port, string from)
    {
        var asked = _containers.Get(container);
        if (asked.Endpoints.Count == 0)
            throw GantryException.Conflict($"container {asked.Name} has no endpoints: it does not run, or shares another container's network");
        var model = new ReachabilityModel(_facts());
        var all = _networks.List(Oci.Filters.ObjectFilters.None, static _ => false);
        var ways = new List<Way>();
        foreach (var endpoint in asked.Endpoints)
        {
            if (_networks.Find(endpoint.NetworkId) is { } network)
                ways.AddRange(model.Explain(network, endpoint, port, from.Length == 0 ? null : OriginOf(from, network, all, model)));
        }
        return ways;
    }

    private Origin OriginOf(string from, Network network, IReadOnlyList<Network> all, ReachabilityModel model)
    {
        if (from is "host" or "lan" or "world")
            return from switch { "host" => Origin.Host, "lan" => Origin.LocalMachine, _ => Origin.RemoteMachine };
        if (IPAddress.TryParse(from, out var address))
            return model.Classify(address, network, all);
        if (!_containers.TryGet(from, out var other))
            throw GantryException.NotFound($"nothing is known of {from}: it is host, lan, world, an address, or a container");
        return other.Endpoints.Any(endpoint => endpoint.NetworkId == network.Id) ? Origin.SameNetwork : Origin.OtherNetwork;
    }
}
