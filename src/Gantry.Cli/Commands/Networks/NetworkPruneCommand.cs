using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network prune</c>: removes the networks that no container uses.</summary>
internal sealed class NetworkPruneCommand(FlagSet flags) : Command
{
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only networks that match, e.g. \"until=<timestamp>\"");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not ask before");

    public static CommandEntry Entry => new(
        ["network prune"], "[OPTIONS]", "Remove all unused networks", ArgumentCount.None, static flags => new NetworkPruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (!_force.Value)
            Confirmation.Ask(session, "This will remove all custom networks not used by at least one container.");
        var pruned = await session.Client.PruneNetworksAsync(_filter.Filters).ConfigureAwait(false);
        if (pruned.NetworksDeleted is { Count: > 0 } removed)
            session.Print($"Deleted Networks:\n{string.Join('\n', removed)}\n");
        return 0;
    }
}
