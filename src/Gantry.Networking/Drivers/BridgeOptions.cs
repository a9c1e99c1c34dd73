using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Nftables;
using Gantry.Oci;

namespace Gantry.Networking.Drivers;

/// <summary>A bridge network's configuration, read from its texts.</summary>
internal sealed record BridgeOptions
{
    private const string Prefix = "com.docker.network.bridge.";
    private const string NameKey = Prefix + "name", IccKey = Prefix + "enable_icc", MasqueradeKey = Prefix + "enable_ip_masquerade",
        Binding4Key = Prefix + "host_binding_ipv4", Binding6Key = Prefix + "host_binding_ipv6", Mode4Key = Prefix + "gateway_mode_ipv4",
        Mode6Key = Prefix + "gateway_mode_ipv6", InhibitKey = Prefix + "inhibit_ipv4", TrustedKey = Prefix + "trusted_host_interfaces",
        DefaultKey = Prefix + "default_bridge", Source4Key = "com.docker.network.host_ipv4", Source6Key = "com.docker.network.host_ipv6";

    /// <summary>The interface; null: named for the network's ID.</summary>
    internal string? Name { get; private init; }

    /// <summary>Whether its containers reach each other.</summary>
    internal bool ContainersReachEachOther { get; private init; } = true;

    /// <summary>Whether what leaves it looks as if sent by the host.</summary>
    internal bool Masquerade { get; private init; } = true;

    /// <summary>Where ports are published that name no address; null: at all of IPv4.</summary>
    internal IPAddress? Binding4 { get; private init; }

    /// <summary>Where ports are published that name no address; null: at all of IPv6, if it is so for IPv4.</summary>
    internal IPAddress? Binding6 { get; private init; }

    /// <summary>How containers are reached by IPv4.</summary>
    internal GatewayMode Mode4 { get; private init; }

    /// <summary>How containers are reached by IPv6.</summary>
    internal GatewayMode Mode6 { get; private init; }

    /// <summary>Whether the bridge is left without the gateway's IPv4 address, which somebody else has.</summary>
    internal bool InhibitAddress { get; private init; }

    /// <summary>Interfaces of the host from where containers are reached by their own addresses.</summary>
    internal IReadOnlyList<string> TrustedLinks { get; private init; } = [];

    /// <summary>The host's IPv4 address which what leaves looks as if sent by; null: that of the interface it leaves by.</summary>
    internal IPAddress? Source4 { get; private init; }

    /// <summary>The same for IPv6.</summary>
    internal IPAddress? Source6 { get; private init; }

    /// <summary>The largest packet in bytes; 0: the kernel's.</summary>
    internal int Mtu { get; private init; }

    /// <summary>What the names of interfaces inside containers begin with.</summary>
    internal string LinkPrefix { get; private init; } = "eth";

    /// <exception cref="GantryException">An option is malformed (InvalidArgument) or not known (NotImplemented).</exception>
    internal static BridgeOptions Parse(Network network)
    {
        var options = new BridgeOptions();
        foreach (var (key, value) in network.Options)
            options = options.With(network, key, value);
        return options;
    }

    /// <summary>The interface's name: that of the option, else <c>br-</c> and the beginning of the network's ID.</summary>
    internal string Bridge(Network network) => Name ?? $"br-{network.Id[..12]}";

    /// <summary>How containers are reached by a version of IP.</summary>
    internal GatewayMode Mode(AddressFamily family) => family == AddressFamily.InterNetwork ? Mode4 : Mode6;

    private BridgeOptions With(Network network, string key, string value) => key switch
    {
        NameKey => this with { Name = DriverOptions.LinkName("bridge name", value) },
        IccKey => this with { ContainersReachEachOther = DriverOptions.Flag(key, value) },
        MasqueradeKey => this with { Masquerade = DriverOptions.Flag(key, value) },
        Binding4Key => this with { Binding4 = DriverOptions.Address(key, value, AddressFamily.InterNetwork) },
        Binding6Key => this with { Binding6 = DriverOptions.Address(key, value, AddressFamily.InterNetworkV6) },
        Mode4Key => this with { Mode4 = ParseMode(network, key, value) },
        Mode6Key => this with { Mode6 = ParseMode(network, key, value) },
        InhibitKey => this with { InhibitAddress = DriverOptions.Flag(key, value) },
        TrustedKey =>
            this with { TrustedLinks = [.. value.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(name => DriverOptions.LinkName(key, name))] },
        Source4Key => this with { Source4 = DriverOptions.Address(key, value, AddressFamily.InterNetwork) },
        Source6Key => this with { Source6 = DriverOptions.Address(key, value, AddressFamily.InterNetworkV6) },
        DriverOptions.MtuKey => this with { Mtu = DriverOptions.Mtu(value) },
        DriverOptions.LinkPrefixKey => this with { LinkPrefix = DriverOptions.LinkPrefix(value) },
        // It only says which network is the default one, and users see it.
        DefaultKey when network.IsPredefined => this,
        _ => throw GantryException.NotImplemented($"this version of Gantry does not know the option {key} of bridge networks"),
    };

    private static GatewayMode ParseMode(Network network, string key, string value) => value switch
    {
        "" or "nat" => GatewayMode.Nat,
        "nat-unprotected" => GatewayMode.NatUnprotected,
        "routed" => GatewayMode.Routed,
        "isolated" when network.Internal => GatewayMode.Isolated,
        "isolated" => throw GantryException.Invalid($"gateway mode 'isolated' can only be used for an internal network (option {key})"),
        _ => throw GantryException.Invalid($"failed to parse {key} value: {value} (unknown gateway mode {value})"),
    };
}
