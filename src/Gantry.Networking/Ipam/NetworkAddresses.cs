using System.Net;
using System.Net.Sockets;

namespace Gantry.Networking.Ipam;

/// <summary>The addresses of one network, of either version of IP or both.</summary>
internal sealed class NetworkAddresses
{
    private readonly AddressAllocator? _version4;
    private readonly AddressAllocator? _version6;

    /// <summary>Makes them of a network's complete pools.</summary>
    internal NetworkAddresses(Network network)
    {
        var pools = (network.Addressing.Pools ?? []).Select(SubnetPool.Parse).ToDictionary(static pool => pool.Family);
        Version4 = pools.GetValueOrDefault(AddressFamily.InterNetwork);
        Version6 = pools.GetValueOrDefault(AddressFamily.InterNetworkV6);
        _version4 = Version4 is null ? null : new AddressAllocator(Version4);
        _version6 = Version6 is null ? null : new AddressAllocator(Version6);
    }

    /// <summary>The pool of IPv4 addresses; null: the network has none.</summary>
    internal SubnetPool? Version4 { get; }

    /// <summary>The pool of IPv6 addresses; null: the network has none.</summary>
    internal SubnetPool? Version6 { get; }

    /// <summary>Both pools, as far as they are there.</summary>
    internal IEnumerable<SubnetPool> Pools
    {
        get
        {
            if (Version4 is { } four)
                yield return four;
            if (Version6 is { } six)
                yield return six;
        }
    }

    /// <summary>Takes an endpoint's addresses, all or none.</summary>
    /// <exception cref="Oci.GantryException">One is taken, or none is left.</exception>
    internal EndpointAddresses Take(EndpointRequest request)
    {
        var four = _version4 is null ? null : Take(_version4, request.IPv4Address);
        try
        {
            return new EndpointAddresses(four, _version6 is null ? null : Take(_version6, request.IPv6Address));
        }
        catch
        {
            if (four is not null)
                _version4!.Release(four);
            throw;
        }
    }

    /// <summary>Takes the addresses that an endpoint of an earlier daemon has.</summary>
    /// <exception cref="Oci.GantryException">One is another's.</exception>
    internal void Restore(EndpointAddresses addresses)
    {
        if (addresses.Version4 is { } four)
            _version4?.Take(four);
        if (addresses.Version6 is { } six)
            _version6?.Take(six);
    }

    /// <summary>Gives an endpoint's addresses back.</summary>
    internal void Release(EndpointAddresses addresses)
    {
        if (addresses.Version4 is { } four)
            _version4?.Release(four);
        if (addresses.Version6 is { } six)
            _version6?.Release(six);
    }

    private static IPAddress Take(AddressAllocator allocator, string? wanted) =>
        string.IsNullOrEmpty(wanted) ? allocator.Take() : allocator.Take(IPAddress.Parse(wanted));
}

/// <summary>The addresses of one endpoint.</summary>
/// <param name="Version4">That of IPv4, or null.</param>
/// <param name="Version6">That of IPv6, or null.</param>
internal sealed record EndpointAddresses(IPAddress? Version4, IPAddress? Version6)
{
    /// <summary>Those of an endpoint's document.</summary>
    internal static EndpointAddresses Of(Endpoint endpoint) => new(Read(endpoint.IPv4Address), Read(endpoint.IPv6Address));

    /// <summary>The address of a version, or null.</summary>
    internal IPAddress? this[AddressFamily family] => family == AddressFamily.InterNetwork ? Version4 : Version6;

    private static IPAddress? Read(string text) => text.Length == 0 ? null : IPAddress.Parse(text.Split('/')[0]);
}
