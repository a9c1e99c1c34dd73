using Gantry.Cli.Flags;
using Gantry.Cli.Output.Progress;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Registries;

/// <summary><c>pull</c>: fetches an image from its registry.</summary>
internal sealed class PullCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _allTags = flags.Bool("all-tags", 'a', "Download all tagged images of the repository");
    private readonly ValueFlag<string> _platform = flags.String("platform", "Platform of a multi-platform image (os/arch[/variant])");
    private readonly ContentTrust _trust = new(flags);
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only print the name of the image");

    public static CommandEntry Entry => new(
        ["image pull", "pull"], "[OPTIONS] NAME[:TAG|@DIGEST]",
        "Download an image from a registry",
        ArgumentCount.Exactly(1), static flags => new PullCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var image = RepositoryArgument.Parse(session, arguments[0], _allTags.Value, _quiet.Value);
        _trust.Refuse(session, image);
        var credentials = await session.Credentials.FindAsync(image).ConfigureAwait(false);
        // Ctrl-C needs no handler: it ends this process, with it the connection, and with that the daemon's work.
        using var messages = await session.Client.PullImageAsync(image, _platform.Value, credentials).ConfigureAwait(false);
        var target = _quiet.Value ? ProgressTarget.Nowhere : ProgressTarget.Output;
        await ProgressDisplay.ShowAsync(session, messages, target).ConfigureAwait(false);
        session.Print(image.ToString());
        return 0;
    }
}
