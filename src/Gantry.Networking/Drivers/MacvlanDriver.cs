using Gantry.Os.Netlink;

namespace Gantry.Networking.Drivers;

/// <summary>Networks whose containers have hardware addresses of their own on the wire of one of the host's interfaces.</summary>
/// <param name="settings">What the engine decides.</param>
public sealed class MacvlanDriver(DriverSettings settings) : ParentDriver(settings)
{
    /// <inheritdoc/>
    public override string Name => "macvlan";

    private protected override void Make(RouteSocket routes, ParentOptions options, ChildLink link, byte[] hardware) =>
        routes.CreateMacvlan(link, options.Macvlan, hardware);

    private protected override bool HasGateway(ParentOptions options) => true;
}
