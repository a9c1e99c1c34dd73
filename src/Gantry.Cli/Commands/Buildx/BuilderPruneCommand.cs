using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx prune</c>: removes entries of the cache of builds, and lists them.</summary>
internal sealed class BuilderPruneCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Include what an image has as well");
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only entries that match, e.g. \"until=24h\", \"type=exec.cachemount\"");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not prompt for confirmation");
    private readonly ValueFlag<long> _mostUsed = flags.Bytes("max-used-space", '\0', "Maximum amount of disk space allowed to keep for cache");
    private readonly ValueFlag<long> _leastFree = flags.Bytes("min-free-space", '\0', "Target amount of free disk space after pruning");
    private readonly ValueFlag<long> _reserved = flags.Bytes("reserved-space", '\0', "Amount of disk space always allowed to keep for cache");
    private readonly ValueFlag<long> _keep = flags.Bytes("keep-storage", '\0', "Amount of disk space to keep for cache");
    private readonly BoolFlag _verbose = flags.Bool("verbose", "Provide a more verbose output");

    public static CommandEntry Entry => new(["buildx prune"], "[OPTIONS]", "Remove build cache", ArgumentCount.None, static flags => new BuilderPruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        if (!_force.Value)
            Confirmation.Ask(session, _all.Value ? "This will remove all build cache." : "This will remove all dangling build cache.");
        // The daemon tells what it removed by names: what they are is asked before.
        var usage = await session.Client.DiskUsageAsync().ConfigureAwait(false);
        var bounds = new BuildPruneBounds(_mostUsed.Value, _reserved.Value > 0 ? _reserved.Value : _keep.Value, _leastFree.Value);
        var pruned = await session.Client.PruneBuildsAsync(_all.Value, bounds, _filter.Filters).ConfigureAwait(false);
        var removed = (pruned.CachesDeleted ?? []).ToHashSet();
        var records = (usage.BuildCache ?? []).Where(record => removed.Contains(record.ID)).ToList();
        if (records.Count > 0)
            BuilderDiskUsageCommand.Print(session, records, _verbose.Value);
        session.Print($"Total:\t{HumanText.Size(pruned.SpaceReclaimed)}");
        return 0;
    }
}
