using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ipam;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>An interface inside a container's namespace, as it is to be: what all drivers have in common.</summary>
internal sealed record ContainerLink
{
    /// <summary>Of 169.254.0.0/16 (RFC 3927) and fe80::/64 (RFC 4291).</summary>
    private const int LinkLocalPrefix4 = 16, LinkLocalPrefix6 = 64;

    /// <summary>The name is this with the next free number, unless the options name it.</summary>
    internal required string Prefix { get; init; }

    /// <summary>Name and settings of the kernel that the user asked for.</summary>
    internal required EndpointOptions Options { get; init; }

    /// <summary>Its addresses.</summary>
    internal required EndpointAddresses Addresses { get; init; }

    /// <summary>Further addresses, of its wire alone.</summary>
    internal IReadOnlyList<IPAddress> LinkLocal { get; init; } = [];

    /// <summary>The network's addresses.</summary>
    internal required NetworkAddresses Network { get; init; }

    /// <summary>The way out for IPv4, if this interface gives it.</summary>
    internal IPAddress? Gateway4 { get; init; }

    /// <summary>The way out for IPv6, if this interface gives it.</summary>
    internal IPAddress? Gateway6 { get; init; }

    /// <summary>Whether a router's announcements are listened to.</summary>
    internal bool HearsRouters { get; init; }

    /// <summary>Makes the interface and sets it up.</summary>
    /// <param name="networkNamespace">The container's namespace.</param>
    /// <param name="make">Makes it, down, in the namespace, with the name it is given.</param>
    /// <returns>Its name.</returns>
    /// <exception cref="GantryException">The name that the user gave is taken (Conflict).</exception>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal string Make(Fd networkNamespace, Action<string> make) => NetworkNamespace.Run(networkNamespace, () =>
    {
        using var inside = RouteSocket.Open();
        var present = inside.ListLinks();
        var name = Options.LinkName ?? FreeName(present);
        if (present.Any(link => link.Name == name))
            throw GantryException.Conflict($"the container has an interface {name} already");
        make(name);
        if (present.FirstOrDefault(static link => link is { Name: "lo", IsUp: false }) is { } loopback)
            inside.SetUp(loopback.Index);
        SetUp(inside, name);
        return name;
    });

    private void SetUp(RouteSocket inside, string name)
    {
        var index = inside.FindLink(name)!.Index;
        var settings = $"/proc/sys/net/ipv6/conf/{name}/";
        // 1. Before it is up, after which it would announce itself.
        if (Addresses.Version6 is null)
            KernelSetting.WriteIfThere(settings + "disable_ipv6", "1");
        else
        {
            KernelSetting.Write(settings + "disable_ipv6", "0");
            KernelSetting.Write(settings + "accept_dad", "0");
            if (!HearsRouters)
                KernelSetting.Write(settings + "accept_ra", "0");
        }
        foreach (var (path, value) in Options.Settings)
            Set(path.Replace(EndpointOptions.Placeholder, name, StringComparison.Ordinal), value);
        // 2. Addresses.
        foreach (var pool in Network.Pools)
        {
            if (Addresses[pool.Family] is { } address)
                inside.AddAddress(index, address, pool.Subnet.PrefixLength);
        }
        foreach (var address in LinkLocal)
            inside.AddAddress(index, address, address.AddressFamily == AddressFamily.InterNetwork ? LinkLocalPrefix4 : LinkLocalPrefix6);
        inside.SetUp(index);
        LinkCarrier.Settle(name);
        // 3. The ways out.
        if (Gateway4 is { } way4)
            inside.SetDefaultRoute(index, way4);
        if (Gateway6 is { } way6)
            inside.SetDefaultRoute(index, way6);
    }

    private static void Set(string path, string value)
    {
        try
        {
            KernelSetting.Write(path, value);
        }
        catch (OsException e)
        {
            throw GantryException.Invalid(
                $"cannot set the endpoint's sysctl {path["/proc/sys/".Length..].Replace('/', '.')} to \"{value}\": {e.Errno.Description}", e);
        }
    }

    private string FreeName(IReadOnlyList<NetworkLink> present)
    {
        for (var number = 0; ; number++)
        {
            if (present.All(link => link.Name != $"{Prefix}{number}"))
                return $"{Prefix}{number}";
        }
    }
}
