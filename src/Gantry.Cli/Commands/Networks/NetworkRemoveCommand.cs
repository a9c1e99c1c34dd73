using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network rm</c>: removes networks.</summary>
internal sealed class NetworkRemoveCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not fail for networks that do not exist");

    public static CommandEntry Entry => new(
        ["network rm", "network remove"], "NETWORK [NETWORK...]",
        "Remove one or more networks",
        ArgumentCount.AtLeast(1), static flags => new NetworkRemoveCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) => Targets.ForEachAsync(session, arguments, async name =>
    {
        try
        {
            await session.Client.RemoveNetworkAsync(name).ConfigureAwait(false);
            return name;
        }
        catch (ClientException error) when (_force.Value && error.IsNotFound)
        {
            return "";
        }
    });
}
