using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume prune</c>: removes the volumes that no container uses.</summary>
internal sealed class VolumePruneCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Remove all unused volumes, not just anonymous ones");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only volumes that match, e.g. \"label=<label>\"");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not ask before");

    public static CommandEntry Entry => new(
        ["volume prune"], "[OPTIONS]", "Remove unused local volumes", ArgumentCount.None, static flags => new VolumePruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var filters = _filter.Filters;
        if (_all.Value && filters.Contains("all"))
            throw new CommandException("conflicting options: cannot specify both --all and --filter all=1");
        if (_all.Value)
            filters.Add("all", "true");
        if (!_force.Value)
            Confirmation.Ask(session, $"This will remove {(filters.Contains("all") ? "all" : "anonymous")} local volumes not used by at least one container.");
        var pruned = await session.Client.PruneVolumesAsync(filters).ConfigureAwait(false);
        PruneReport.Print(session, "Deleted Volumes:", pruned.VolumesDeleted, pruned.SpaceReclaimed);
        return 0;
    }
}
