using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>image prune</c>: removes images that nobody needs.</summary>
internal sealed class ImagePruneCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Remove all images that no container uses, not just those without a name");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Only images that match, e.g. \"until=24h\" or \"unused-for=72h\"");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not ask before");

    public static CommandEntry Entry => new(
        ["image prune"], "[OPTIONS]", "Remove unused images", ArgumentCount.None, static flags => new ImagePruneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var filters = _filter.Filters.Add("dangling", _all.Value ? "false" : "true");
        if (!_force.Value)
        {
            Confirmation.Ask(session, _all.Value
                ? "This will remove all images without at least one container associated to them."
                : "This will remove all dangling images.");
        }
        var pruned = await session.Client.PruneImagesAsync(filters).ConfigureAwait(false);
        var lines = pruned.ImagesDeleted?.Select(static step => step.Untagged is { Length: > 0 } name ? "untagged: " + name : "deleted: " + step.Deleted)
            .ToArray();
        PruneReport.Print(session, "Deleted Images:", lines, pruned.SpaceReclaimed);
        return 0;
    }
}
