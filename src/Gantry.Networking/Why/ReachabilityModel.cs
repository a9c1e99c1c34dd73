using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Drivers;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;

namespace Gantry.Networking.Why;

/// <summary>
/// Explains who reaches a container, by the same data from which the rules are written. It asks nobody and changes nothing: what
/// <c>NetworkRules</c> and <c>BridgeFirewall</c> write is said here in words, and a test sends packets to see that both agree.
/// </summary>
/// <param name="facts">What decides besides the networks.</param>
public sealed class ReachabilityModel(FirewallFacts facts)
{
    private static readonly Origin[] s_origins = Enum.GetValues<Origin>();

    /// <summary>All ways to an endpoint: its published ports, then its own addresses.</summary>
    /// <param name="network">The endpoint's network.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="port">A port of the container; null: those that are published, and all others together.</param>
    /// <param name="from">From where; null: from everywhere.</param>
    public IReadOnlyList<Way> Explain(Network network, Endpoint endpoint, ushort? port = null, Origin? from = null)
    {
        var origins = from is { } one ? [one] : s_origins;
        if (network.Driver != "bridge")
            return [.. origins.Select(origin => Elsewhere(network, endpoint, origin, port ?? 0))];
        var made = new BridgeNetwork(network);
        var published = endpoint.Ports.Where(published => published.HostPort != 0 && (port is null || published.ContainerPort == port));
        var addresses = EndpointAddresses.Of(endpoint);
        var own = made.Addresses.Pools.Where(pool => addresses[pool.Family] is not null).ToList();
        return
        [
            .. published.SelectMany(published => origins.Select(origin => Published(network, made, published, origin, addresses))),
            .. own.SelectMany(pool => origins.Select(origin => Direct(network, made, endpoint, addresses[pool.Family]!, pool, port, origin))),
        ];
    }

    /// <summary>What kind of place an address is, seen from a network.</summary>
    /// <param name="address">The address.</param>
    /// <param name="network">The network of whom it wants to reach.</param>
    /// <param name="all">All networks of the engine.</param>
    public Origin Classify(IPAddress address, Network network, IEnumerable<Network> all)
    {
        if (IPAddress.IsLoopback(address))
            return Origin.Host;
        bool IsOn(Network candidate) =>
            (candidate.Addressing.Pools ?? []).Any(pool => pool.Subnet.Length > 0 && IPNetwork.Parse(pool.Subnet).Contains(address));
        return IsOn(network) ? Origin.SameNetwork
            : all.Any(IsOn) ? Origin.OtherNetwork
            : facts.LocalNetworks.Any(local => local.Contains(address)) ? Origin.LocalMachine
            : Origin.RemoteMachine;
    }

    private Way Published(Network network, BridgeNetwork made, PublishedPort port, Origin from, EndpointAddresses addresses)
    {
        var host = IPAddress.Parse(port.HostAddress);
        var map = FirewallLayout.ElementOf(new FirewalledPort(port, host, false)).Set.Name;
        // As ForwardedPorts decides.
        var isPassedOn = host.AddressFamily == AddressFamily.InterNetworkV6
            && (addresses.Version6 is null || (IPAddress.IsLoopback(host) && from == Origin.Host));
        var (isOpen, rule, reason) = isPassedOn ? PassedOn(host, from) : PublishedVerdict(host, port, map, from);
        if (isPassedOn)
            return new Way(from, network.Name, port.HostAddress, port.HostPort, port.Protocol, isOpen, rule, reason);
        if (isOpen && from == Origin.SameNetwork && !made.Options.ContainersReachEachOther)
            (isOpen, rule, reason) = (false, $"chain decide: iifname \"{made.Bridge}\" oifname \"{made.Bridge}\" drop",
                "com.docker.network.bridge.enable_icc is false");
        if (isOpen && from is not Origin.Host and not Origin.SameNetwork && Dropped(host.AddressFamily) is { } other)
            (isOpen, rule, reason) = (false, other.Name, "a chain of another drops what goes through the host, and our exception is missing in it");
        return new Way(from, network.Name, port.HostAddress, port.HostPort, port.Protocol, isOpen, rule, reason);
    }

    /// <summary>What the kernel cannot translate is taken by a socket of the net helper, which keeps the scope.</summary>
    private (bool IsOpen, string Rule, string Reason) PassedOn(IPAddress host, Origin from) => (from, facts.Scope) switch
    {
        (Origin.Host, _) => (true, "no rule: a socket of the net helper", "the kernel cannot translate it: the net helper passes it on"),
        _ when IPAddress.IsLoopback(host) => (false, LoopbackRule(host), $"it is published at {host}, which is the host's own"),
        (_, PublishScope.World) => (true, "no rule: a socket of the net helper", "the container has no IPv6: the net helper passes it on"),
        _ => (false, "no rule: a socket of the net helper at lo", "publish-scope is narrower than world, and the container has no IPv6: the host alone"),
    };

    private static string LoopbackRule(IPAddress host) =>
        $"chain prerouting: {(host.AddressFamily == AddressFamily.InterNetwork ? "ip daddr 127.0.0.0/8" : "ip6 daddr ::1")} accept";

    private (bool IsOpen, string Rule, string Reason) PublishedVerdict(IPAddress host, PublishedPort port, string map, Origin from)
    {
        var element =
            $"map {map}: {(map.StartsWith("any", StringComparison.Ordinal) ? "" : $"{host} . ")}{port.Protocol.ToString().ToLowerInvariant()} . {port.HostPort}";
        if (from == Origin.Host)
            return (true, $"chain output: fib daddr type local jump ports; {element}", "the host reaches all that is published");
        if (IPAddress.IsLoopback(host))
            return (false, LoopbackRule(host), $"it is published at {host}, which is the host's own");
        return (facts.Scope, from) switch
        {
            (PublishScope.Loopback, _) => (false, "chain prerouting: no jump to ports", "publish-scope is loopback: the host alone reaches published ports"),
            (PublishScope.Lan, Origin.RemoteMachine) =>
                (false, "chain lan: no rule for its address", "publish-scope is lan: its address is neither of the host's networks nor a private one"),
            (PublishScope.Lan, Origin.LocalMachine) => (true, $"chain lan: ip saddr jump ports; {element}", "publish-scope is lan, and it is a machine there"),
            (PublishScope.Lan, _) => (true, $"chain lan: iifname @bridges jump ports; {element}", "containers of this host reach what is published"),
            _ => (true, $"chain prerouting: fib daddr type local jump ports; {element}", "publish-scope is world: all who reach the host reach it"),
        };
    }

    private Way Direct(Network network, BridgeNetwork made, Endpoint endpoint, IPAddress address, SubnetPool pool, ushort? port, Origin from)
    {
        var mode = made.Options.Mode(pool.Family);
        var (isOpen, rule, reason) = from switch
        {
            Origin.Host => made.HasAddress(pool.Family)
                ? (true, "no rule: the host has an address on the network", "the host reaches its containers")
                : (false, "no rule: the host has no address on the network", "the network is isolated, or somebody else has its gateway"),
            Origin.SameNetwork => made.Options.ContainersReachEachOther
                ? (true, "no rule: both are ports of one bridge", "containers of a network reach each other")
                : (false, "isolated ports of the bridge", "com.docker.network.bridge.enable_icc is false" + Linked(address, port)),
            _ => Entering(network, made, endpoint, pool, mode, port, from),
        };
        if (isOpen && from > Origin.SameNetwork && Dropped(pool.Family) is { } other)
            (isOpen, rule, reason) = (false, other.Name, "a chain of another drops what goes through the host, and our exception is missing in it");
        return new Way(from, network.Name, address.ToString(), port ?? 0, null, isOpen, rule, reason);
    }

    /// <summary>Who reaches it all the same.</summary>
    private string Linked(IPAddress address, ushort? port)
    {
        var links = facts.Links.Where(link => link.To.Equals(address) && (port is null || link.Port == port)).ToList();
        return links.Count == 0 ? ""
            : $"; by links (set links4) {string.Join(", ", links.Select(static link => $"{link.From} reaches {link.Port}/{link.Protocol.ToString().ToLowerInvariant()}"))}";
    }

    private static (bool IsOpen, string Rule, string Reason) Entering(
        Network network, BridgeNetwork made, Endpoint endpoint, SubnetPool pool, GatewayMode mode, ushort? port, Origin from)
    {
        var entering = $"chain decide: oifname \"{made.Bridge}\" iifname != \"{made.Bridge}\"";
        if (network.Internal)
            return (false, $"{entering} drop", "the network is internal");
        switch (mode)
        {
            case GatewayMode.NatUnprotected when from == Origin.OtherNetwork:
                return (false, $"{entering} iifname @bridges ct status ! dnat drop", "networks of this engine stay apart");
            case GatewayMode.NatUnprotected:
                return (true, "chain decide: jump allow", "the gateway mode is nat-unprotected: whoever has a route to the network reaches it");
            case GatewayMode.Routed:
                var isPublished = port is { } asked && endpoint.Ports.Any(published => published.ContainerPort == asked
                    && IPAddress.Parse(published.HostAddress).AddressFamily == pool.Family);
                var set = pool.Family == AddressFamily.InterNetwork ? "open4" : "open6";
                return isPublished
                    ? (true, $"{entering} @{set} jump allow", "the gateway mode is routed, and the port is published")
                    : (false, $"{entering} drop", "the gateway mode is routed: published ports alone are reached");
            default:
                var trusted = made.Options.TrustedLinks.Count > 0 ? $"; what comes in by {string.Join(", ", made.Options.TrustedLinks)} is let through" : "";
                return (false, $"{entering} ct status ! dnat drop", $"containers are reached by published ports, not by their own addresses{trusted}");
        }
    }

    /// <summary>Networks without a firewall of ours: on the wire of another interface, in the host's namespace, or with no way at all.</summary>
    private static Way Elsewhere(Network network, Endpoint endpoint, Origin from, ushort port)
    {
        var address = endpoint.IPv4Address.Length > 0 ? endpoint.IPv4Address.Split('/')[0] : endpoint.IPv6Address.Split('/')[0];
        return network.Driver switch
        {
            "host" => new Way(from, network.Name, "0.0.0.0", port, null, true, "no rule of this engine", "the container has the host's own network"),
            "null" => new Way(from, network.Name, "", port, null, false, "no rule: there is no interface", "the container has no network"),
            _ when from == Origin.Host =>
                new Way(from, network.Name, address, port, null, false, $"the {network.Driver} driver of the kernel",
                    "a parent interface and those on its wire do not reach each other"),
            _ when from == Origin.SameNetwork =>
                new Way(from, network.Name, address, port, null, true, "no rule of this engine", $"as the network's {network.Driver} mode has it"),
            _ => new Way(from, network.Name, address, port, null, !network.Internal, "no rule of this engine", network.Internal ? "the network has no way out"
                : "whoever has a route to the parent's network reaches it"),
        };
    }

    private DroppingChain? Dropped(AddressFamily family) =>
        facts.Others.FirstOrDefault(chain => chain.IsIPv4 == (family == AddressFamily.InterNetwork) && !chain.HasException);
}
