using System.Net;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network create</c>: creates a network.</summary>
internal sealed class NetworkCreateCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _attachable = flags.Bool("attachable", "Let containers be connected by hand");
    private readonly MapFlag _auxiliary = flags.Map("aux-address", '\0', "Further addresses that drivers use");
    private readonly ValueFlag<string> _configFrom = flags.String("config-from", "Network to copy the configuration from");
    private readonly BoolFlag _configOnly = flags.Bool("config-only", "Create a configuration only");
    private readonly ValueFlag<string> _driver = flags.String("driver", 'd', "Driver of the network", "bridge");
    private readonly ListFlag<string> _gateway = flags.List("gateway", "Gateway of a subnet");
    private readonly BoolFlag _ingress = flags.Bool("ingress", "Create the routing mesh of a swarm");
    private readonly BoolFlag _internal = flags.Bool("internal", "Keep the network from the outside");
    private readonly ListFlag<string> _range = flags.List("ip-range", "Part of a subnet that containers get addresses of");
    private readonly ValueFlag<string> _ipamDriver = flags.String("ipam-driver", "Driver of the addresses", "default");
    private readonly MapFlag _ipamOptions = flags.Map("ipam-opt", '\0', "Option of the driver of the addresses");
    private readonly BoolFlag _ipv4 = flags.Bool("ipv4", "Use IPv4 addresses (default true)");
    private readonly BoolFlag _ipv6 = flags.Bool("ipv6", "Use IPv6 addresses");
    private readonly ListFlag<string> _label = flags.List("label", "Label of the network", FlagChecks.Label);
    private readonly MapFlag _options = flags.Map("opt", 'o', "Option of the driver");
    private readonly ValueFlag<string> _scope = flags.String("scope", "Reach of the network");
    private readonly ListFlag<string> _subnet = flags.List("subnet", "Subnet in CIDR notation");

    public static CommandEntry Entry => new(
        ["network create"], "[OPTIONS] NETWORK",
        "Create a network",
        ArgumentCount.Exactly(1), static flags => new NetworkCreateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var created = await session.Client.CreateNetworkAsync(new NetworkCreateRequest
        {
            Name = arguments[0],
            Driver = _configOnly.Value && !_driver.Changed ? "" : _driver.Value,
            Options = _options.Values,
            IPAM = new NetworkIpam { Driver = _ipamDriver.Value, Options = _ipamOptions.Values, Config = BuildSubnets() },
            EnableIPv4 = _ipv4.Changed ? _ipv4.Value : null,
            EnableIPv6 = _ipv6.Changed ? _ipv6.Value : null,
            Internal = _internal.Value,
            Attachable = _attachable.Value,
            Ingress = _ingress.Value,
            Scope = _scope.Value,
            ConfigOnly = _configOnly.Value,
            ConfigFrom = _configFrom.Value.Length > 0 ? new ConfigReference { Network = _configFrom.Value } : null,
            Labels = KeyValues.ToMap(_label.Values),
        }).ConfigureAwait(false);
        if (created.Warning.Length > 0)
            session.PrintError("WARNING: " + created.Warning);
        session.Print(created.Id);
        return 0;
    }

    /// <summary>Gives each range, gateway and auxiliary address to the subnet that holds it. What nothing is held against is the daemon's to check.</summary>
    private List<NetworkIpamConfig> BuildSubnets()
    {
        if (_subnet.Values.Count < _range.Values.Count || _subnet.Values.Count < _gateway.Values.Count)
            throw new CommandException("every ip-range or gateway must have a corresponding subnet");
        var subnets = new List<NetworkIpamConfig>();
        foreach (var subnet in _subnet.Values)
        {
            if (subnets.Exists(other => Contains(other.Subnet!, subnet) || Contains(subnet, other.Subnet!)))
                throw new CommandException("multiple overlapping subnet configuration is not supported");
            subnets.Add(new NetworkIpamConfig { Subnet = subnet });
        }
        NetworkIpamConfig Holder(string text, string what) =>
            subnets.Find(config => Contains(config.Subnet!, text)) ?? throw new CommandException($"no matching subnet for {what} {text}");
        foreach (var range in _range.Values)
        {
            ParseNetwork(range, "");
            var match = Holder(range, "range");
            match.IPRange = match.IPRange is null ? range
                : throw new CommandException($"cannot configure multiple ranges ({range}, {match.IPRange}) on the same subnet ({match.Subnet})");
        }
        foreach (var gateway in _gateway.Values)
        {
            var match = Holder(gateway, "gateway");
            match.Gateway = match.Gateway is null ? gateway
                : throw new CommandException($"cannot configure multiple gateways ({gateway}, {match.Gateway}) for the same subnet ({match.Subnet})");
        }
        foreach (var (name, address) in _auxiliary.Values)
        {
            var match = Holder(address, "aux-address");
            match.AuxiliaryAddresses = new Dictionary<string, string>(match.AuxiliaryAddresses ?? new Dictionary<string, string>()) { [name] = address };
        }
        return subnets;
    }

    /// <summary>Whether an address, or the one that another subnet is named by, lies in a subnet; what is no address lies in none.</summary>
    private static bool Contains(string subnet, string text)
    {
        var network = ParseNetwork(subnet, "invalid subnet: ").Network;
        return text.Contains('/', StringComparison.Ordinal) ? network.Contains(ParseNetwork(text, "").Address)
            : IPAddress.TryParse(text, out var address) && network.Contains(address);
    }

    // Bits of the host part are taken for what they are here, as the daemon does: 10.0.0.5/8 is in 10.0.0.0/8.
    private static (IPAddress Address, IPNetwork Network) ParseNetwork(string text, string prefix)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out var address) || !int.TryParse(text.AsSpan(slash + 1), out var bits)
            || bits < 0 || bits > address.GetAddressBytes().Length * 8)
            throw new CommandException($"{prefix}invalid CIDR address: {text}");
        var bytes = address.GetAddressBytes();
        for (var bit = bits; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return (address, new IPNetwork(new IPAddress(bytes), bits));
    }
}
