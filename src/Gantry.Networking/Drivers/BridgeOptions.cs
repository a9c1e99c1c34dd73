using System.Globalization;
using System.Net;
using Gantry.Networking.Ipam;
using Gantry.Oci;

namespace Gantry.Networking.Drivers;

/// <summary>A bridge network's configuration, read from its texts.</summary>
internal sealed record BridgeOptions
{
    private const string NameKey = "com.docker.network.bridge.name", IccKey = "com.docker.network.bridge.enable_icc",
        MasqueradeKey = "com.docker.network.bridge.enable_ip_masquerade", BindingKey = "com.docker.network.bridge.host_binding_ipv4",
        MtuKey = "com.docker.network.driver.mtu", DefaultKey = "com.docker.network.bridge.default_bridge";

    private const int MaximumNameBytes = 15, SmallestMtu = 68, LargestMtu = 65535;

    /// <summary>The interface; null: named for the network's ID.</summary>
    internal string? Name { get; private init; }

    /// <summary>Whether its containers reach each other.</summary>
    internal bool ContainersReachEachOther { get; private init; } = true;

    /// <summary>Whether what leaves it looks as if sent by the host.</summary>
    internal bool Masquerade { get; private init; } = true;

    /// <summary>Where ports are published that name no address.</summary>
    internal string PublishAddress { get; private init; } = "0.0.0.0";

    /// <summary>The largest packet in bytes; 0: the kernel's.</summary>
    internal int Mtu { get; private init; }

    /// <exception cref="GantryException">An option is malformed (InvalidArgument) or not known (NotImplemented).</exception>
    internal static BridgeOptions Parse(Network network)
    {
        var options = new BridgeOptions();
        foreach (var (key, value) in network.Options)
        {
            options = key switch
            {
                NameKey => options with { Name = CheckName(value) },
                IccKey => options with { ContainersReachEachOther = Flag(key, value) },
                MasqueradeKey => options with { Masquerade = Flag(key, value) },
                BindingKey => options with { PublishAddress = CheckAddress(key, value) },
                MtuKey => options with { Mtu = ParseMtu(value) },
                DefaultKey when network.IsPredefined => options,
                _ => throw GantryException.NotImplemented($"this version of Gantry does not know the option {key} of bridge networks"),
            };
        }
        return options;
    }

    /// <summary>The network's one pool, once it is complete.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    internal static SubnetPool Pool(Network network) => SubnetPool.Parse(network.Addressing.Pools![0]);

    /// <summary>The interface's name: that of the option, else <c>br-</c> and the beginning of the network's ID.</summary>
    internal string Bridge(Network network) => Name ?? $"br-{network.Id[..12]}";

    private static string CheckName(string name) =>
        name.Length is > 0 and <= MaximumNameBytes && name is not ("." or "..") && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? name
            : throw GantryException.Invalid($"invalid bridge name \"{name}\": it is 1 to {MaximumNameBytes} letters, digits and any of -_.");

    private static bool Flag(string key, string value) => value switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => throw GantryException.Invalid($"failed to parse {key} value: \"{value}\" is no boolean"),
    };

    private static string CheckAddress(string key, string value) =>
        IPAddress.TryParse(value, out _) ? value : throw GantryException.Invalid($"failed to parse {key} value: \"{value}\" is no address");

    private static int ParseMtu(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var mtu) && mtu is 0 or (>= SmallestMtu and <= LargestMtu)
            ? mtu
            : throw GantryException.Invalid($"invalid MTU \"{value}\": it is a number from {SmallestMtu} to {LargestMtu}");
}
