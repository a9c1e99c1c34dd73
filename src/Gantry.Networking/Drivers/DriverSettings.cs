using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;

namespace Gantry.Networking.Drivers;

/// <summary>What an engine decides about its networks.</summary>
public sealed record DriverSettings
{
    /// <summary>The engine's name on this host: that of its table, and the mark of its interfaces.</summary>
    public required string Instance { get; init; }

    /// <summary>Who reaches published ports.</summary>
    public PublishScope PublishScope { get; init; } = PublishScope.World;

    /// <summary>
    /// Whether the firewall has rules of the engine's. Without them networks are not kept apart, what leaves them keeps its address, and published ports are
    /// passed on by <see cref="Forwarder"/>: a host whose owner writes all rules.
    /// </summary>
    public bool MakesRules { get; init; } = true;

    /// <summary>Where the subnets come from that nobody named.</summary>
    public IReadOnlyList<DefaultAddressPool> AddressPools { get; init; } = DefaultAddressPool.Standard;

    /// <summary>Passes on what the kernel cannot translate; null: such ports are not published.</summary>
    public IPortForwarder? Forwarder { get; init; }

    /// <summary>Whether a thread puts right what others do to the table, from the first network on.</summary>
    public bool WatchesFirewall { get; init; } = true;

    /// <summary>
    /// The pools to choose from: where none has IPv6, the unique local addresses of this engine on this machine come in (RFC 4193). What was chosen
    /// is stored with the network, so that they need not stay the same.
    /// </summary>
    internal SubnetChooser NewChooser() =>
        new(AddressPools.Any(static pool => pool.Base.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
        ? AddressPools
        : [.. AddressPools, DefaultAddressPool.UniqueLocal($"{MachineId()} {Instance}")]);

    private static string MachineId() => File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id") : Environment.MachineName;
}
