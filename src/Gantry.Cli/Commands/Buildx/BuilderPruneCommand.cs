using Gantry.Cli.Commands.Builds;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx prune</c>: removes entries of the cache of builds, and lists them.</summary>
internal sealed class BuilderPruneCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly BuildPruneFlags _flags = new(flags);
    private readonly BuilderTimeout _timeout = new(flags);
    private readonly BoolFlag _verbose = flags.Bool("verbose", "Provide a more verbose output");

    public static CommandEntry Entry =>
        new(["buildx prune"], "[OPTIONS]", "Remove build cache", ArgumentCount.None, static flags => new BuilderPruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        _flags.Confirm(session);
        // The daemon tells what it removed by names: what they are is asked before.
        var usage = await _timeout.WithinAsync(() => session.Client.DiskUsageAsync()).ConfigureAwait(false);
        var pruned = await _flags.PruneAsync(session).ConfigureAwait(false);
        var removed = (pruned.CachesDeleted ?? []).ToHashSet();
        var records = (usage.BuildCache ?? []).Where(record => removed.Contains(record.ID)).ToList();
        if (records.Count > 0)
            BuilderDiskUsageCommand.Print(session, records, _verbose.Value);
        session.Print($"Total:\t{HumanText.Size(pruned.SpaceReclaimed)}");
        return 0;
    }
}
