using System.Net;
using System.Net.Sockets;
using Gantry.Oci;

namespace Gantry.Networking.Ipam;

/// <summary>A pool of addresses of one version of IP whose parts fit each other.</summary>
/// <param name="Subnet">The subnet.</param>
/// <param name="Range">The part that is given out; null: all of it.</param>
/// <param name="Gateway">The address of the bridge.</param>
/// <param name="Reserved">Addresses that are not given out.</param>
/// <param name="WayOut">Where endpoints send what leaves the network: the bridge, unless an address is reserved for another.</param>
public sealed record SubnetPool(IPNetwork Subnet, IPNetwork? Range, IPAddress Gateway, IReadOnlyList<IPAddress> Reserved, IPAddress WayOut)
{
    /// <summary>Docker's names of the reserved addresses that are the way out in the place of the bridge.</summary>
    public const string WayOutKey4 = "DefaultGatewayIPv4", WayOutKey6 = "DefaultGatewayIPv6";

    /// <summary>The version of its addresses.</summary>
    public AddressFamily Family => Subnet.BaseAddress.AddressFamily;

    /// <summary>The longest prefix: with fewer addresses there is no room for a gateway and a container.</summary>
    private static int LongestPrefix(IPNetwork subnet) => AddressNumber.BitsOf(subnet.BaseAddress.AddressFamily) - 2;

    /// <summary>Reads a pool. Without a gateway the first address of the range, or else of the subnet, is it.</summary>
    /// <exception cref="GantryException">Something is malformed or outside the subnet (InvalidArgument).</exception>
    public static SubnetPool Parse(AddressPool pool)
    {
        var subnet = ParseNetwork("subnet", pool.Subnet);
        if (subnet.PrefixLength == 0 || subnet.PrefixLength > LongestPrefix(subnet))
            throw GantryException.Invalid($"invalid subnet {pool.Subnet}: its prefix is not between 1 and {LongestPrefix(subnet)}");
        var range = string.IsNullOrEmpty(pool.Range) ? (IPNetwork?)null : ParseNetwork("ip-range", pool.Range);
        if (range is { } part && (part.PrefixLength < subnet.PrefixLength || !subnet.Contains(part.BaseAddress)))
            throw GantryException.Invalid($"invalid ip-range {pool.Range}: parent subnet {subnet} does not contain it");
        var gateway = string.IsNullOrEmpty(pool.Gateway) ? First(range ?? subnet, subnet) : ParseAddress("gateway", pool.Gateway, subnet);
        var reserved = (pool.Reserved ?? new Dictionary<string, string>())
            .Select(entry => ParseAddress($"auxiliary address {entry.Key}", entry.Value, subnet));
        var isOld = subnet.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        var wayOut = pool.Reserved?.TryGetValue(isOld ? WayOutKey4 : WayOutKey6, out var other) is true ? ParseAddress("default gateway", other, subnet)
            : gateway;
        return new SubnetPool(subnet, range, gateway, [.. reserved], wayOut);
    }

    private static IPNetwork ParseNetwork(string what, string text)
    {
        var slash = text.IndexOf('/');
        if (slash < 0 || !IPAddress.TryParse(text[..slash], out var address)
            || !IPNetwork.TryParse($"{BaseOf(address, text[(slash + 1)..])}{text[slash..]}", out var network))
            throw GantryException.Invalid($"invalid network config:\ninvalid {what} {text}: invalid CIDR block notation");
        if (!network.BaseAddress.Equals(address))
            throw GantryException.Invalid($"invalid network config:\ninvalid {what} {text}: it should be {network}");
        return network;
    }

    /// <summary>The address without the bits behind the prefix: whether <see cref="IPNetwork"/> takes others depends on its version.</summary>
    private static IPAddress BaseOf(IPAddress address, string prefix)
    {
        var bytes = address.GetAddressBytes();
        if (!byte.TryParse(prefix, out var length))
            return address;
        for (int bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }

    private static IPAddress ParseAddress(string what, string text, IPNetwork subnet)
    {
        if (!IPAddress.TryParse(text, out var address))
            throw GantryException.Invalid($"invalid {what} {text}: it is no address");
        return subnet.Contains(address) ? address : throw GantryException.Invalid($"invalid {what} {text}: parent subnet {subnet} does not contain it");
    }

    private static IPAddress First(IPNetwork range, IPNetwork subnet)
    {
        var number = AddressNumber.Of(range.BaseAddress);
        return AddressNumber.ToAddress(range.BaseAddress.Equals(subnet.BaseAddress) ? number + 1 : number, range.BaseAddress.AddressFamily);
    }
}
