namespace Gantry.Networking;

/// <summary>What the network <c>bridge</c> is to be, as the engine's settings have it.</summary>
public sealed record DefaultBridge
{
    /// <summary>The driver's options.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Whether its endpoints get IPv6 addresses.</summary>
    public bool EnableIPv6 { get; init; }

    /// <summary>Its subnets; for a version of IP that has none here, the one it has stays, and the first is chosen.</summary>
    public IReadOnlyList<AddressPool> Pools { get; init; } = [];

    /// <summary>The network as it is to be.</summary>
    /// <param name="present">The network as it is.</param>
    internal Network Applied(Network present)
    {
        bool IsOfFamily(AddressPool pool, bool version6) => pool.Subnet.Contains(':', StringComparison.Ordinal) == version6;
        AddressPool? PoolOf(bool version6) =>
            Pools.FirstOrDefault(pool => IsOfFamily(pool, version6)) ?? present.Addressing.Pools?.FirstOrDefault(pool => IsOfFamily(pool, version6));
        List<AddressPool> pools = [.. new[] { PoolOf(false), EnableIPv6 ? PoolOf(true) : null }.OfType<AddressPool>()];
        return present with { Options = Options, EnableIPv6 = EnableIPv6, Addressing = present.Addressing with { Pools = pools } };
    }
}
