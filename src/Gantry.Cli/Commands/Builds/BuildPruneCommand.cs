using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Builds;

/// <summary><c>builder prune</c>: removes what the build cache keeps.</summary>
internal sealed class BuildPruneCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Remove all build cache, not just what no image has");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only records that match, e.g. \"until=24h\"");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not ask before");
    private readonly ValueFlag<long> _keep = flags.Bytes("keep-storage", '\0', "Amount of disk space to keep for cache");

    public static CommandEntry Entry => new(
        ["builder prune", "buildx prune"], "[OPTIONS]", "Remove build cache", ArgumentCount.None, static flags => new BuildPruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (!_force.Value)
            Confirmation.Ask(session, "This will remove all build cache.");
        var pruned = await session.Client.PruneBuildsAsync(_all.Value, _keep.Value, _filter.Filters).ConfigureAwait(false);
        PruneReport.Print(session, "Deleted build cache objects:", pruned.CachesDeleted is { } removed ? [.. removed] : null, pruned.SpaceReclaimed);
        return 0;
    }
}
