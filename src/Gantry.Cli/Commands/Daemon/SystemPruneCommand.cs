using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>system prune</c>: removes what nothing uses: stopped containers, networks, images, the cache of builds, and on request volumes.</summary>
internal sealed class SystemPruneCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Remove all unused images not just dangling ones");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only what matches, e.g. \"label=<key>=<value>\"");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not prompt for confirmation");
    private readonly BoolFlag _volumes = flags.Bool("volumes", "Prune anonymous volumes");
    private readonly BoolFlag _yes = flags.Bool("yes", 'y', "The same as --force");

    public static CommandEntry Entry => new(
        ["system prune"], "[OPTIONS]", "Remove unused data", ArgumentCount.None, static flags => new SystemPruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // 1. What cannot be, and whether it is meant.
        var filters = _filter.Filters;
        if (_volumes.Value && filters.Contains("until"))
            throw new CommandException("ERROR: The \"until\" filter is not supported with \"--volumes\"");
        if (!_force.Value && !_yes.Value)
            Confirmation.Ask(session, Question(filters));

        // 2. Containers first: what they used is unused then.
        var containers = await session.Client.PruneContainersAsync(filters).ConfigureAwait(false);
        Print(session, "Deleted Containers:", containers.ContainersDeleted);
        var networks = await session.Client.PruneNetworksAsync(filters).ConfigureAwait(false);
        Print(session, "Deleted Networks:", networks.NetworksDeleted);
        var space = containers.SpaceReclaimed;
        if (_volumes.Value)
        {
            var volumes = await session.Client.PruneVolumesAsync(filters).ConfigureAwait(false);
            Print(session, "Deleted Volumes:", volumes.VolumesDeleted);
            space += volumes.SpaceReclaimed;
        }
        var images = await session.Client.PruneImagesAsync(_filter.Filters.Add("dangling", _all.Value ? "false" : "true")).ConfigureAwait(false);
        Print(session, "Deleted Images:", images.ImagesDeleted?.Select(static step =>
            step.Untagged is { Length: > 0 } name ? "untagged: " + name : "deleted: " + step.Deleted).ToArray());
        var builds = await session.Client.PruneBuildsAsync(_all.Value, default, _filter.Filters).ConfigureAwait(false);
        Print(session, "Deleted build cache objects:", builds.CachesDeleted);
        session.Print($"Total reclaimed space: {HumanText.Size(space + images.SpaceReclaimed + builds.SpaceReclaimed)}");
        return 0;
    }

    private string Question(Filters filters)
    {
        List<string> lines = ["This will remove:", "  - all stopped containers", "  - all networks not used by at least one container"];
        if (_volumes.Value)
            lines.Add("  - all anonymous volumes not used by at least one container");
        lines.Add(_all.Value ? "  - all images without at least one container associated to them" : "  - all dangling images");
        lines.Add(_all.Value ? "  - all build cache" : "  - unused build cache");
        if (filters.Texts is { Count: > 0 } texts)
            lines.AddRange(["", "  Items to be pruned will be filtered with:", .. texts.Select(static text => "  - " + text)]);
        return string.Join('\n', lines) + "\n";
    }

    private static void Print(CommandSession session, string title, IReadOnlyList<string>? lines)
    {
        if (lines is not { Count: > 0 })
            return;
        session.Print(title);
        foreach (var line in lines)
            session.Print(line);
        session.Print("");
    }
}
