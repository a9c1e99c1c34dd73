using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network disconnect</c>: takes a container off a network.</summary>
internal sealed class NetworkDisconnectCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Disconnect also what is not there any more");

    public static CommandEntry Entry => new(
        ["network disconnect"], "[OPTIONS] NETWORK CONTAINER",
        "Disconnect a container from a network",
        ArgumentCount.Exactly(2), static flags => new NetworkDisconnectCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        await session.Client.DisconnectNetworkAsync(arguments[0], new NetworkDisconnectRequest { Container = arguments[1], Force = _force.Value })
            .ConfigureAwait(false);
        return 0;
    }
}
