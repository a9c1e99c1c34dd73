using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>Networks whose containers share the hardware address of one of the host's interfaces, and are told apart by their IP addresses.</summary>
/// <param name="settings">What the engine decides.</param>
public sealed class IpvlanDriver(DriverSettings settings) : ParentDriver(settings)
{
    /// <inheritdoc/>
    public override string Name => "ipvlan";

    private protected override void Make(RouteSocket routes, ParentOptions options, ChildLink link, byte[] hardware) =>
        routes.CreateIpvlan(link, options.Ipvlan, options.IpvlanFlag);

    /// <summary>Where the parent routes, it is what everything is sent to.</summary>
    private protected override bool HasGateway(ParentOptions options) => options.Ipvlan == IpvlanMode.L2;
}
