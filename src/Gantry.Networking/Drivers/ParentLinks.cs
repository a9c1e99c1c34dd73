using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>
/// The parent interfaces of networks, in the network namespace of the calling thread. One that is not there is made where the name says how
/// (<c>eth0.10</c>) or none was given, marked as the network's, and removed with it.
/// </summary>
/// <param name="instance">The engine's name, with which its interfaces are marked.</param>
internal sealed class ParentLinks(string instance)
{
    private const int LargestVlan = 4094;

    /// <summary>The parent's name: that of the option, else one for the network's ID.</summary>
    internal static string NameOf(Network network, ParentOptions options) =>
        options.Parent ?? $"{(network.Driver == "macvlan" ? "dm" : "di")}-{network.Id[..12]}";

    /// <summary>Makes the parent if it is missing, and switches on what was made.</summary>
    /// <exception cref="GantryException">There is none, and its name does not say how to make it.</exception>
    internal void Ensure(Network network, ParentOptions options)
    {
        using var routes = RouteSocket.Open();
        var name = NameOf(network, options);
        if (routes.FindLink(name) is null)
            Make(routes, network, options, name);
        var link = routes.FindLink(name)!;
        if (link.Alias != Mark(network) || link.IsUp)
            return;
        routes.SetUp(link.Index);
        LinkCarrier.Settle(name);
    }

    /// <summary>Removes a parent that was made for the network.</summary>
    internal void Remove(Network network, ParentOptions options)
    {
        using var routes = RouteSocket.Open();
        var name = NameOf(network, options);
        if (routes.FindLink(name) is { } link && link.Alias == Mark(network))
            routes.DeleteLink(name);
    }

    private void Make(RouteSocket routes, Network network, ParentOptions options, string name)
    {
        if (options.Parent is null)
        {
            MakeDummy(routes, network, name);
            return;
        }
        if (options.Vlan is not { } lan || routes.FindLink(lan.Link) is not { } below)
            throw GantryException.Invalid($"-o parent interface was not found on the host: {options.Parent}");
        if (lan.Number is < 1 or > LargestVlan)
            throw GantryException.Invalid($"vlan id must be between 1-{LargestVlan}, received: {lan.Number}");
        try
        {
            routes.CreateVlan(name, below.Index, (ushort)lan.Number, Mark(network));
        }
        catch (OsException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            throw GantryException.NotImplemented($"cannot make the interface {name}: the kernel of this machine has no 802.1Q virtual LANs (module 8021q)");
        }
    }

    /// <summary>A pair of interfaces that is connected with itself leads nowhere as well, where the kernel has no dummy interfaces.</summary>
    private void MakeDummy(RouteSocket routes, Network network, string name)
    {
        try
        {
            routes.CreateDummy(name, Mark(network));
        }
        catch (OsException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            var other = $"{name[0]}p{name[2..]}";
            routes.CreateLoop(name, other, Mark(network));
            routes.SetUp(routes.FindLink(other)!.Index);
        }
    }

    private string Mark(Network network) => $"{instance} {network.Id}";
}
