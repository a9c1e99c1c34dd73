using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>container prune</c>: removes all stopped containers.</summary>
internal sealed class ContainerPruneCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not ask before");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only containers that match, e.g. \"until=24h\"");

    public static CommandEntry Entry => new(
        ["container prune"], "[OPTIONS]",
        "Remove all stopped containers",
        ArgumentCount.None, static flags => new ContainerPruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (!_force.Value)
            Confirmation.Ask(session, "This will remove all stopped containers.");
        var pruned = await session.Client.PruneContainersAsync(_filter.Filters).ConfigureAwait(false);
        PruneReport.Print(session, "Deleted Containers:", pruned.ContainersDeleted, pruned.SpaceReclaimed);
        return 0;
    }
}
