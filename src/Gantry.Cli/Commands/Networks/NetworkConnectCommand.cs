using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network connect</c>: connects a container to a network.</summary>
internal sealed class NetworkConnectCommand(FlagSet flags) : Command
{
    private readonly ListFlag<string> _alias = flags.List("alias", "Name of the container on this network");
    private readonly MapFlag _options = flags.Map("driver-opt", '\0', "Option of the driver for this container");
    private readonly ValueFlag<long> _priority = flags.Int("gw-priority", "The network with the highest number gives the default route");
    private readonly ValueFlag<string> _ip = flags.String("ip", "IPv4 address, e.g. \"172.30.100.104\"");
    private readonly ValueFlag<string> _ip6 = flags.String("ip6", "IPv6 address, e.g. \"2001:db8::33\"");
    private readonly ListFlag<string> _link = flags.List("link", "Container to know by another name, CONTAINER:ALIAS");
    private readonly ListFlag<string> _linkLocal = flags.List("link-local-ip", "Further address of the link");

    public static CommandEntry Entry => new(
        ["network connect"], "[OPTIONS] NETWORK CONTAINER",
        "Connect a container to a network",
        ArgumentCount.Exactly(2), static flags => new NetworkConnectCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var settings = new EndpointSettings
        {
            IPAMConfig = new EndpointIPAMConfig { IPv4Address = _ip.Value, IPv6Address = _ip6.Value, LinkLocalIPs = _linkLocal.Values },
            Links = _link.Values.Count > 0 ? _link.Values : null,
            Aliases = _alias.Values.Count > 0 ? _alias.Values : null,
            DriverOpts = _options.Values.Count > 0 ? _options.Values : null,
            GwPriority = checked((int)_priority.Value),
        };
        await session.Client.ConnectNetworkAsync(arguments[0], new NetworkConnectRequest { Container = arguments[1], EndpointConfig = settings })
            .ConfigureAwait(false);
        return 0;
    }
}
