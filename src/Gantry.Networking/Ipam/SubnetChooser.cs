using System.Net;
using System.Net.Sockets;
using Gantry.Oci;

namespace Gantry.Networking.Ipam;

/// <summary>Chooses subnets for networks that name none, in docker's order: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in pieces of /20.</summary>
public static class SubnetChooser
{
    /// <summary>The first subnet that overlaps nothing.</summary>
    /// <param name="taken">What the host has routes to and what other networks have.</param>
    /// <exception cref="GantryException">All are taken.</exception>
    public static IPNetwork Choose(IReadOnlyCollection<IPNetwork> taken)
    {
        foreach (var candidate in Candidates())
        {
            if (!taken.Any(other => Overlap(candidate, other)))
                return candidate;
        }
        throw GantryException.Invalid("all predefined address pools have been fully subnetted: name a subnet (--subnet)");
    }

    /// <summary>Whether two networks share an address. Networks of no bits, which a default route has, share nothing.</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) =>
        one.BaseAddress.AddressFamily == other.BaseAddress.AddressFamily && one.PrefixLength > 0 && other.PrefixLength > 0
        && (one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress));

    private static IEnumerable<IPNetwork> Candidates()
    {
        for (var second = 17; second <= 31; second++)
            yield return new IPNetwork(new IPAddress([172, (byte)second, 0, 0]), 16);
        for (var third = 0; third < 256; third += 16)
            yield return new IPNetwork(new IPAddress([192, 168, (byte)third, 0]), 20);
    }
}
