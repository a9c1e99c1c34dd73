using Gantry.Networking.Ipam;
using Gantry.Oci;

namespace Gantry.Networking;

/// <summary>
/// Networks that are but a configuration (<c>--config-only</c>), and networks that are made from one (<c>--config-from</c>): addresses, options and labels
/// of a host by a name that other hosts have with other values. The driver of a configuration is <c>null</c>: nothing of it is in the kernel.
/// </summary>
internal static class NetworkConfiguration
{
    /// <summary>The network as it is to be made.</summary>
    /// <param name="wanted">What the user asked for.</param>
    /// <param name="find">Finds a network.</param>
    /// <exception cref="GantryException">It is a configuration that says what only a network can, or has its own beside another's; docker's texts.</exception>
    internal static Network Apply(Network wanted, Func<string, Network?> find)
    {
        if (wanted.IsConfigOnly)
            return OfConfiguration(wanted);
        if (wanted.ConfigFrom.Length == 0)
            return wanted;
        if (find(wanted.ConfigFrom) is not { IsConfigOnly: true } from)
            throw GantryException.NotFound($"configuration network \"{wanted.ConfigFrom}\" does not exist");
        if (wanted.Addressing.Pools is not null || wanted.Labels.Count > 0 || wanted.EnableIPv6)
            throw new GantryException(ErrorKind.Forbidden, "user specified configurations are not supported if the network depends on a configuration network");
        if (wanted.Options.Count > 0)
            throw new GantryException(ErrorKind.Forbidden, "network driver options are not supported if the network depends on a configuration network");
        return wanted with
        {
            ConfigFrom = from.Name,
            EnableIPv4 = from.EnableIPv4,
            EnableIPv6 = from.EnableIPv6,
            Addressing = from.Addressing,
            Options = from.Options,
            Labels = from.Labels,
        };
    }

    private static Network OfConfiguration(Network wanted)
    {
        if (wanted.Internal || wanted.Attachable)
            throw new GantryException(ErrorKind.Forbidden,
                "configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.");
        if (wanted.ConfigFrom.Length > 0)
            throw new GantryException(ErrorKind.Forbidden, "a configuration network cannot depend on another configuration network");
        AddressPlan.Validate(wanted);
        return wanted with { Driver = "null" };
    }
}
