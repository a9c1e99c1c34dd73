using System.Net;
using Gantry.Cli.Flags;
using Gantry.Engine.Networks;
using Gantry.Networking;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Oci;

namespace Gantry.Settings;

/// <summary>The flags for networks: the network <c>bridge</c>, those that do not say, and who reaches them.</summary>
internal sealed class NetworkFlags(FlagSet flags)
{
    private const int SmallestMtu = 68, LargestMtu = 65_535;

    private readonly ValueFlag<string> _bridge = flags.String("bridge", 'b', "\"none\": there is no network bridge");
    private readonly ValueFlag<string> _bip = flags.String("bip", "Address and subnet of the network bridge, e.g. 172.30.0.1/16");
    private readonly ValueFlag<string> _bip6 = flags.String("bip6", "The same for IPv6");
    private readonly ValueFlag<string> _fixed = flags.String("fixed-cidr", "Part of that subnet from which containers get their addresses");
    private readonly ValueFlag<string> _fixed6 = flags.String("fixed-cidr-v6", "The same for IPv6; alone: the subnet");
    private readonly BoolFlag _ipv6 = flags.Bool("ipv6", "Give the network bridge IPv6");
    private readonly ValueFlag<long> _mtu = flags.Int("mtu", "Largest packet on the network bridge, in bytes", 1500);
    private readonly BoolFlag _icc = flags.Add(
        new BoolFlag("icc", '\0', "Let containers on the network bridge reach each other (default true)") { Value = true });
    private readonly BoolFlag _masquerade = flags.Add(
        new BoolFlag("ip-masq", '\0', "Let what leaves the network bridge look as if sent by the host (default true)") { Value = true });
    private readonly ValueFlag<string> _address = flags.String("ip", "Address at which ports are published that name none", "0.0.0.0");
    private readonly ValueFlag<string> _wayOut = flags.String(
        "default-gateway", "Way out of the network bridge's containers, an address in bip (default the host's)");
    private readonly ValueFlag<string> _wayOut6 = flags.String("default-gateway-v6", "The same for IPv6, an address in bip6");
    private readonly BoolFlag _rules = flags.Add(
        new BoolFlag("iptables", '\0', "Make firewall rules (default true); without them networks are not kept apart") { Value = true });
    private readonly BoolFlag _rules6 = flags.Add(
        new BoolFlag("ip6tables", '\0', "The same for IPv6 (default true); there is one table for both") { Value = true });
    private readonly ListFlag<string> _networkOptions = flags.List("default-network-opt", "Option of networks that do not say: DRIVER=KEY=VALUE");
    private readonly ListFlag<string> _gateways = flags.List("host-gateway-ip", "Address that host-gateway means (default the host's on the network bridge)");

    private readonly ValueFlag<PublishScope> _scope = flags.Value(
        "publish-scope", '\0', "loopback|lan|world", "Who reaches published ports", ParseScope, PublishScope.World, "world");
    private readonly ListFlag<string> _pools = flags.List(
        "default-address-pool", "Where subnets of networks come from that name none: base=SUBNET,size=PREFIX");

    /// <summary>What they say.</summary>
    /// <exception cref="UsageException">A value is malformed, or cannot be done.</exception>
    public NetworkSettings Read() => new()
    {
        Bridge = Bridge(),
        Defaults = Defaults(),
        HostGateway = HostGateway,
        PublishScope = _scope.Value,
        MakesRules = MakesRules(),
        AddressPools = _pools.Values.Count > 0 ? [.. _pools.Values.Select(ParsePool)] : DefaultAddressPool.Standard,
    };

    private bool MakesRules()
    {
        if (_rules.Value && !_rules6.Value)
            throw new UsageException("ip6tables: the rules of IPv6 are in one table with those of IPv4: say iptables=false as well, and there are none");
        return _rules.Value;
    }

    private string? HostGateway => _gateways.Values switch
    {
        [] => null,
        [var only] => ParseAddress("host-gateway-ip", only).ToString(),
        _ => throw new UsageException("host-gateway-ip: give one address"),
    };

    private BridgeSettings? Bridge()
    {
        if (_bridge.Value is not ("" or "none"))
            throw new UsageException(
                $"bridge: Gantry makes the interface of its network bridge itself, and leaves {_bridge.Value} alone: create a network of your own on it, or say \"none\"");
        if (_bridge.Value == "none")
            return null;
        if (_mtu.Value is not (0 or (>= SmallestMtu and <= LargestMtu)))
            throw new UsageException($"mtu: give a number between {SmallestMtu} and {LargestMtu}");
        return new BridgeSettings
        {
            Pools = [.. new[]
            {
                WithWayOut("default-gateway", _wayOut.Value, Pool("bip", _bip.Value, "fixed-cidr", _fixed.Value)),
                WithWayOut("default-gateway-v6", _wayOut6.Value, Pool("bip6", _bip6.Value, "fixed-cidr-v6", _fixed6.Value)),
            }.OfType<AddressPool>()],
            EnableIPv6 = _ipv6.Value || _bip6.Value.Length > 0 || _fixed6.Value.Length > 0,
            Mtu = _mtu.Value == 0 ? 1500 : (int)_mtu.Value,
            ContainersReachEachOther = _icc.Value,
            Masquerade = _masquerade.Value,
            PublishAddress = ParseAddress("ip", _address.Value).ToString(),
        };
    }

    private Dictionary<string, IReadOnlyDictionary<string, string>> Defaults()
    {
        var result = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var option in _networkOptions.Values)
        {
            if (option.Split('=', 3) is not [{ Length: > 0 } driver, { Length: > 0 } key, var value])
                throw new UsageException($"default-network-opt: {option} is not DRIVER=KEY=VALUE");
            result[driver] = new Dictionary<string, string>(result.GetValueOrDefault(driver) ?? new Dictionary<string, string>()) { [key] = value };
        }
        return result;
    }

    /// <summary>A bip is an address with the subnet it is in; a part of the subnet may come with it, or say the subnet alone.</summary>
    private static AddressPool? Pool(string name, string address, string partName, string part)
    {
        if (address.Length == 0 && part.Length == 0)
            return null;
        var range = part.Length == 0 ? (IPNetwork?)null : ParseSubnet(partName, part);
        if (address.Length == 0)
            return new AddressPool(range!.Value.ToString(), null, null, null);
        var subnet = ParseSubnet(name, address);
        var gateway = IPAddress.Parse(address[..address.IndexOf('/', StringComparison.Ordinal)]);
        if (subnet.BaseAddress.Equals(gateway))
            throw new UsageException($"{name}: {address} is the subnet itself: give the address that the host is to have in it");
        if (range is { } within && !(subnet.Contains(within.BaseAddress) && within.PrefixLength >= subnet.PrefixLength))
            throw new UsageException($"{partName}: {part} is no part of {subnet}");
        return new AddressPool(subnet.ToString(), range?.ToString(), gateway.ToString(), null);
    }

    private static AddressPool? WithWayOut(string name, string address, AddressPool? pool)
    {
        if (address.Length == 0)
            return pool;
        if (pool is null)
            throw new UsageException($"{name}: say the subnet as well, with {(name.EndsWith('6') ? "bip6" : "bip")}");
        if (!IPNetwork.Parse(pool.Subnet).Contains(ParseAddress(name, address)))
            throw new UsageException($"{name}: {address} is not in {pool.Subnet}");
        return pool with { Reserved = new Dictionary<string, string> { [name.EndsWith('6') ? SubnetPool.WayOutKey6 : SubnetPool.WayOutKey4] = address } };
    }

    private static IPNetwork ParseSubnet(string name, string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text[..slash], out var address) || !int.TryParse(text[(slash + 1)..], out var length)
            || length < 1 || length > (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)
            || name.EndsWith('6') != (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
            throw new UsageException($"{name}: invalid CIDR address: {text}");
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), length);
    }

    private static IPAddress ParseAddress(string name, string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new UsageException($"{name}: ip is not correctly formatted: {text}");

    private static PublishScope ParseScope(string text) => text switch
    {
        "loopback" => PublishScope.Loopback,
        "lan" => PublishScope.Lan,
        "world" => PublishScope.World,
        _ => throw new FormatException("it is loopback, lan or world"),
    };

    private static DefaultAddressPool ParsePool(string text)
    {
        var parts = text.Split(',').Select(static part => part.Split('=', 2)).Where(static part => part.Length == 2)
            .DistinctBy(static part => part[0].Trim()).ToDictionary(static part => part[0].Trim(), static part => part[1].Trim());
        if (parts.Count != 2 || !parts.TryGetValue("base", out var whole) || !parts.TryGetValue("size", out var size) || !int.TryParse(size, out var prefix))
            throw new UsageException($"invalid --default-address-pool \"{text}\": it is base=SUBNET,size=PREFIX, such as base=10.10.0.0/16,size=24");
        try
        {
            return DefaultAddressPool.Parse(whole, prefix);
        }
        catch (GantryException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
