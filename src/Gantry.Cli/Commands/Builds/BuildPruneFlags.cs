using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Builds;

/// <summary>What of the build cache is to be removed: the flags of <c>builder prune</c> and <c>buildx prune</c>.</summary>
internal sealed class BuildPruneFlags(FlagSet flags)
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Remove all unused build cache, not just dangling ones");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only entries that match, e.g. \"until=24h\", \"type=exec.cachemount\"");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not ask before");
    private readonly ValueFlag<long> _keep = flags.Bytes("keep-storage", '\0', "Amount of disk space to keep for cache");
    private readonly ValueFlag<long> _mostUsed = flags.Bytes("max-used-space", '\0', "Maximum amount of disk space allowed to keep for cache");
    private readonly ValueFlag<long> _leastFree = flags.Bytes("min-free-space", '\0', "Target amount of free disk space after pruning");
    private readonly ValueFlag<long> _reserved = flags.Bytes("reserved-space", '\0', "Amount of disk space always allowed to keep for cache");

    /// <summary>Asks whether it is meant, unless that was said.</summary>
    /// <exception cref="CommandException">It is not.</exception>
    public void Confirm(CommandSession session)
    {
        if (!_force.Value)
            Confirmation.Ask(session, _all.Value ? "This will remove all build cache." : "This will remove all dangling build cache.");
    }

    /// <summary>Has the daemon remove it.</summary>
    public Task<BuildPruneResponse> PruneAsync(CommandSession session) => session.Client.PruneBuildsAsync(
        _all.Value, new BuildPruneBounds(_mostUsed.Value, _reserved.Value > 0 ? _reserved.Value : _keep.Value, _leastFree.Value), _filter.Filters);
}
