using System.Net;
using System.Net.Sockets;
using Gantry.Oci;

namespace Gantry.Networking.Ipam;

/// <summary>Decides which subnets a network has: what all drivers with addresses have in common.</summary>
/// <param name="chooser">Where subnets come from that nobody named.</param>
internal sealed class AddressPlan(SubnetChooser chooser)
{
    private static readonly IPNetwork s_linkLocal4 = IPNetwork.Parse("169.254.0.0/16");

    /// <summary>Refuses addressing that cannot be done.</summary>
    /// <param name="network">The network.</param>
    /// <exception cref="GantryException">Why.</exception>
    internal static void Validate(Network network)
    {
        if (!network.EnableIPv4 && !network.EnableIPv6)
            throw GantryException.Invalid("IPv4 or IPv6 must be enabled");
        if (network.Addressing.Driver != "default")
            throw GantryException.NotFound($"plugin \"{network.Addressing.Driver}\" not found");
        if (network.Addressing.Options is { Count: > 0 } options)
            throw GantryException.NotImplemented($"the IPAM driver default has no option {options.Keys.First()}");
        var families = new HashSet<AddressFamily>();
        foreach (var pool in network.Addressing.Pools ?? [])
        {
            if (pool.Subnet.Length == 0)
            {
                if (pool.Range is not null || pool.Gateway is not null || pool.Reserved is { Count: > 0 })
                    throw GantryException.Invalid("invalid network config: ip-range, gateway and auxiliary addresses need a subnet");
                continue;
            }
            var family = SubnetPool.Parse(pool).Family;
            if (!families.Add(family))
                throw GantryException.Invalid($"{network.Driver} driver doesn't support multiple subnets");
            if (!(family == AddressFamily.InterNetwork ? network.EnableIPv4 : network.EnableIPv6))
                throw GantryException.Invalid(
                    $"invalid subnet {pool.Subnet}: the network has no {(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6: enable it (--ipv6)")}");
        }
    }

    /// <summary>The network with a whole pool for each version of IP.</summary>
    /// <param name="network">A valid network.</param>
    /// <param name="others">The networks that are there.</param>
    /// <param name="usedByHost">Where the host's routes lead.</param>
    /// <exception cref="GantryException">A subnet overlaps another network's, or there is none left.</exception>
    internal Network Complete(Network network, IReadOnlyCollection<Network> others, IReadOnlyList<IPNetwork> usedByHost)
    {
        var taken = others.Where(static other => !other.IsConfigOnly).SelectMany(static other => other.Addressing.Pools ?? [])
            .Select(static pool => IPNetwork.Parse(pool.Subnet)).ToList();
        var given = (network.Addressing.Pools ?? []).Where(static pool => pool.Subnet.Length > 0)
            .ToDictionary(static pool => IPNetwork.Parse(pool.Subnet).BaseAddress.AddressFamily);
        if (given.Values.Any(pool => taken.Any(other => SubnetChooser.Overlap(other, IPNetwork.Parse(pool.Subnet)))))
            throw new GantryException(ErrorKind.Forbidden, "invalid pool request: Pool overlaps with other one on this address space");
        var pools = new List<AddressPool>();
        foreach (var family in FamiliesOf(network))
        {
            var pool = given.GetValueOrDefault(family)
                ?? new AddressPool(chooser.Choose(family, [.. taken, .. usedByHost]).ToString(), null, null, null);
            pools.Add(pool with { Gateway = SubnetPool.Parse(pool).Gateway.ToString() });
        }
        return network with { Addressing = network.Addressing with { Pools = pools } };
    }

    /// <summary>Refuses fixed addresses that an endpoint cannot have.</summary>
    /// <exception cref="GantryException">Why.</exception>
    internal static void Validate(Network network, EndpointRequest request)
    {
        Validate(network, request.IPv4Address, AddressFamily.InterNetwork, "IPv4");
        Validate(network, request.IPv6Address, AddressFamily.InterNetworkV6, "IPv6");
        foreach (var text in request.LinkLocalAddresses)
        {
            var address = IPAddress.Parse(text);
            if (!(address.IsIPv6LinkLocal || s_linkLocal4.Contains(address)))
                throw GantryException.Invalid($"invalid link-local IP address {text}: it is one of {s_linkLocal4} or fe80::/10");
        }
    }

    private static void Validate(Network network, string? text, AddressFamily family, string version)
    {
        if (text is null)
            return;
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != family)
            throw GantryException.Invalid($"invalid {version} address: {text}");
        if (network.IsPredefined)
            throw GantryException.Invalid("user specified IP address is supported on user defined networks only");
        if (network.Addressing.Pools is not { } pools)
            return;
        if (!FamiliesOf(network).Contains(family))
            throw GantryException.Invalid($"invalid {version} address {text}: the network {network.Name} has no {version}");
        if (pools.All(pool => pool.Subnet.Length > 0 && !IPNetwork.Parse(pool.Subnet).Contains(address)))
            throw GantryException.Invalid($"no configured subnet contains IP address {text}");
    }

    private static IEnumerable<AddressFamily> FamiliesOf(Network network)
    {
        if (network.EnableIPv4)
            yield return AddressFamily.InterNetwork;
        if (network.EnableIPv6)
            yield return AddressFamily.InterNetworkV6;
    }
}
