using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Builds;

/// <summary><c>builder prune</c>: removes what the build cache keeps.</summary>
internal sealed class BuildPruneCommand(FlagSet flags) : Command
{
    private readonly BuildPruneFlags _flags = new(flags);

    public static CommandEntry Entry => new(
        ["builder prune"], "[OPTIONS]", "Remove build cache", ArgumentCount.None, static flags => new BuildPruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        _flags.Confirm(session);
        var pruned = await _flags.PruneAsync(session).ConfigureAwait(false);
        PruneReport.Print(session, "Deleted build cache objects:", pruned.CachesDeleted is { } removed ? [.. removed] : null, pruned.SpaceReclaimed);
        return 0;
    }
}
