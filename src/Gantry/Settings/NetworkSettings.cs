using Gantry.Engine.Networks;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;

namespace Gantry.Settings;

/// <summary>What the daemon's settings say of networks.</summary>
internal sealed record NetworkSettings
{
    /// <summary>The network bridge; null: there is none.</summary>
    public BridgeSettings? Bridge { get; init; }

    /// <summary>Options of networks that do not say, by driver.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Defaults { get; init; }

    /// <summary>The address that host-gateway means; null: it is not said.</summary>
    public string? HostGateway { get; init; }

    /// <summary>Who reaches published ports.</summary>
    public PublishScope PublishScope { get; init; }

    /// <summary>Whether the firewall has rules of the engine's.</summary>
    public bool MakesRules { get; init; }

    /// <summary>Where subnets come from that nobody named.</summary>
    public required IReadOnlyList<DefaultAddressPool> AddressPools { get; init; }
}
