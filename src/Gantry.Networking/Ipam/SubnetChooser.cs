using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Gantry.Oci;

namespace Gantry.Networking.Ipam;

/// <summary>A network whose parts are given to networks that name no subnet: <c>default-address-pools</c> of the daemon's configuration.</summary>
/// <param name="Base">The whole.</param>
/// <param name="Size">The length of the prefix of each part.</param>
public sealed record DefaultAddressPool(IPNetwork Base, int Size)
{
    /// <summary>Docker's, in docker's order: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in pieces of /20.</summary>
    public static IReadOnlyList<DefaultAddressPool> Standard { get; } =
    [
        .. Enumerable.Range(17, 15).Select(static second => new DefaultAddressPool(new IPNetwork(new IPAddress([172, (byte)second, 0, 0]), 16), 16)),
        new DefaultAddressPool(new IPNetwork(new IPAddress([192, 168, 0, 0]), 16), 20),
    ];

    /// <summary>
    /// The unique local addresses (RFC 4193) of an engine: 40 bits that follow from <paramref name="owner"/> make a network of their own, so that
    /// those of two machines hardly ever meet.
    /// </summary>
    public static DefaultAddressPool UniqueLocal(string owner)
    {
        const byte locallyAssigned = 0xfd;
        var bytes = new byte[16];
        SHA256.HashData(Encoding.UTF8.GetBytes(owner)).AsSpan(0, 5).CopyTo(bytes.AsSpan(1));
        bytes[0] = locallyAssigned;
        return new DefaultAddressPool(new IPNetwork(new IPAddress(bytes), 48), 64);
    }

    /// <summary>Reads one of the daemon's configuration.</summary>
    /// <exception cref="GantryException">It is malformed, or the parts would be larger than the whole.</exception>
    public static DefaultAddressPool Parse(string subnet, int size)
    {
        if (!IPNetwork.TryParse(subnet, out var whole))
            throw GantryException.Invalid($"invalid default address pool {subnet}: invalid CIDR block notation");
        var longest = AddressNumber.BitsOf(whole.BaseAddress.AddressFamily) - 2;
        return size >= whole.PrefixLength && size <= longest
            ? new DefaultAddressPool(whole, size)
            : throw GantryException.Invalid($"invalid default address pool {subnet}: its size {size} is not between {whole.PrefixLength} and {longest}");
    }
}

/// <summary>Chooses subnets for networks that name none.</summary>
/// <param name="pools">What to choose from, in this order.</param>
public sealed class SubnetChooser(IReadOnlyList<DefaultAddressPool> pools)
{
    /// <summary>The first subnet that overlaps nothing.</summary>
    /// <param name="family">Of which version of IP.</param>
    /// <param name="taken">What the host has routes to and what other networks have.</param>
    /// <exception cref="GantryException">All are taken.</exception>
    public IPNetwork Choose(AddressFamily family, IReadOnlyCollection<IPNetwork> taken)
    {
        var ofFamily = pools.Where(pool => pool.Base.BaseAddress.AddressFamily == family).ToList();
        foreach (var pool in ofFamily)
        {
            if (Free(pool, taken) is { } subnet)
                return subnet;
        }
        throw GantryException.Invalid(
            $"all predefined address pools have been fully subnetted: nothing is left of {string.Join(", ", ofFamily.Select(static pool => $"{pool.Base} in pieces of /{pool.Size}"))}; name a subnet (--subnet), or give the daemon other default-address-pools");
    }

    /// <summary>Whether two networks share an address. Networks of no bits, which a default route has, share nothing.</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) =>
        one.BaseAddress.AddressFamily == other.BaseAddress.AddressFamily && one.PrefixLength > 0 && other.PrefixLength > 0
        && (one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress));

    private static IPNetwork? Free(DefaultAddressPool pool, IReadOnlyCollection<IPNetwork> taken)
    {
        var family = pool.Base.BaseAddress.AddressFamily;
        var (candidate, end) = (AddressNumber.Of(pool.Base.BaseAddress), AddressNumber.LastOf(pool.Base));
        var last = AddressNumber.HostBits(family, pool.Size);
        while (true)
        {
            var subnet = new IPNetwork(AddressNumber.ToAddress(candidate, family), pool.Size);
            var obstacles = taken.Where(other => Overlap(subnet, other)).ToList();
            if (obstacles.Count == 0)
                return subnet;
            // Behind whatever is in the way, since a large network may be.
            var behind = obstacles.Select(AddressNumber.LastOf).Append(candidate | last).Max() | last;
            if (behind >= end)
                return null;
            candidate = behind + 1;
        }
    }
}
