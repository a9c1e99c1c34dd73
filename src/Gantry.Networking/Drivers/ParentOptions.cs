using System.Globalization;
using Gantry.Oci;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>The configuration of a network on a parent interface, read from its texts.</summary>
internal sealed record ParentOptions
{
    private const string ParentKey = "parent", MacvlanModeKey = "macvlan_mode", IpvlanModeKey = "ipvlan_mode", IpvlanFlagKey = "ipvlan_flag";

    /// <summary>The parent; null: one of the network's own, which leads nowhere.</summary>
    internal string? Parent { get; private init; }

    /// <summary>How containers reach each other on a macvlan network.</summary>
    internal MacvlanMode Macvlan { get; private init; } = MacvlanMode.Bridge;

    /// <summary>At which layer containers are told apart on an ipvlan network.</summary>
    internal IpvlanMode Ipvlan { get; private init; }

    /// <summary>How containers reach each other on an ipvlan network.</summary>
    internal IpvlanFlag IpvlanFlag { get; private init; }

    /// <summary>The largest packet in bytes; 0: the parent's.</summary>
    internal int Mtu { get; private init; }

    /// <summary>What the names of interfaces inside containers begin with.</summary>
    internal string LinkPrefix { get; private init; } = "eth";

    /// <exception cref="GantryException">An option is malformed (InvalidArgument) or not one of the driver's (NotImplemented).</exception>
    internal static ParentOptions Parse(Network network)
    {
        var options = new ParentOptions();
        foreach (var (key, value) in network.Options)
            options = options.With(network.Driver, key, value);
        return options;
    }

    /// <summary>The parent and number of a virtual LAN that the parent's name means (<c>eth0.10</c>); null: it means none.</summary>
    internal (string Link, int Number)? Vlan
    {
        get
        {
            var dot = Parent?.LastIndexOf('.') ?? -1;
            return dot > 0 && int.TryParse(Parent![(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (Parent[..dot], number)
                : null;
        }
    }

    private ParentOptions With(string driver, string key, string value) => (driver, key) switch
    {
        (_, ParentKey) => value.Length == 0 ? this : this with { Parent = DriverOptions.LinkName("parent interface", value) },
        ("macvlan", MacvlanModeKey) => this with
        {
            Macvlan = value switch
            {
                "" or "bridge" => MacvlanMode.Bridge,
                "private" => MacvlanMode.Private,
                "vepa" => MacvlanMode.Vepa,
                "passthru" => MacvlanMode.PassThrough,
                _ => throw GantryException.Invalid($"requested macvlan mode '{value}' is not valid, 'bridge' mode is the macvlan driver default"),
            },
        },
        ("ipvlan", IpvlanModeKey) => this with
        {
            Ipvlan = value switch
            {
                "" or "l2" => IpvlanMode.L2,
                "l3" => IpvlanMode.L3,
                "l3s" => IpvlanMode.L3S,
                _ => throw GantryException.Invalid($"requested ipvlan mode '{value}' is not valid, 'l2' mode is the ipvlan driver default"),
            },
        },
        ("ipvlan", IpvlanFlagKey) => this with
        {
            IpvlanFlag = value switch
            {
                "" or "bridge" => IpvlanFlag.Bridge,
                "private" => IpvlanFlag.Private,
                "vepa" => IpvlanFlag.Vepa,
                _ => throw GantryException.Invalid($"requested ipvlan flag '{value}' is not valid, 'bridge' is the ipvlan driver default"),
            },
        },
        (_, DriverOptions.MtuKey) => this with { Mtu = DriverOptions.Mtu(value) },
        (_, DriverOptions.LinkPrefixKey) => this with { LinkPrefix = DriverOptions.LinkPrefix(value) },
        _ => throw GantryException.NotImplemented($"this version of Gantry does not know the option {key} of {driver} networks"),
    };
}
