using Gantry.Networking;

namespace Gantry.Engine.Networks;

/// <summary>What a host decides about the network <c>bridge</c>; docker's names of the settings in brackets.</summary>
public sealed record BridgeSettings
{
    /// <summary>Its subnets (<c>bip</c>, <c>bip6</c>, <c>fixed-cidr</c>, <c>fixed-cidr-v6</c>); none: chosen from the pools, at the first start.</summary>
    public IReadOnlyList<AddressPool> Pools { get; init; } = [];

    /// <summary>Whether it has IPv6 (<c>ipv6</c>).</summary>
    public bool EnableIPv6 { get; init; }

    /// <summary>The largest packet in bytes (<c>mtu</c>).</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Whether its containers reach each other (<c>icc</c>).</summary>
    public bool ContainersReachEachOther { get; init; } = true;

    /// <summary>Whether what leaves it looks as if sent by the host (<c>ip-masq</c>).</summary>
    public bool Masquerade { get; init; } = true;

    /// <summary>Where ports are published that name no address (<c>ip</c>).</summary>
    public string PublishAddress { get; init; } = "0.0.0.0";

    /// <summary>The network.</summary>
    /// <param name="link">The name of its interface.</param>
    internal DefaultBridge For(string link) => new()
    {
        Options = new Dictionary<string, string>
        {
            ["com.docker.network.bridge.default_bridge"] = "true",
            ["com.docker.network.bridge.enable_icc"] = ContainersReachEachOther ? "true" : "false",
            ["com.docker.network.bridge.enable_ip_masquerade"] = Masquerade ? "true" : "false",
            ["com.docker.network.bridge.host_binding_ipv4"] = PublishAddress,
            ["com.docker.network.bridge.name"] = link,
            ["com.docker.network.driver.mtu"] = $"{Mtu}",
        },
        EnableIPv6 = EnableIPv6,
        Pools = Pools,
    };
}
