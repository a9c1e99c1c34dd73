using Gantry.Cli.Commands.Images;
using Gantry.Cli.Flags;
using Gantry.Cli.Output.Progress;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Registries;

/// <summary><c>push</c>: sends an image to its registry.</summary>
internal sealed class PushCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _allTags = flags.Bool("all-tags", 'a', "Push all tags of the repository");
    private readonly ValueFlag<string> _compression = flags.String("compression", "How layers are compressed that are not yet: gzip or zstd", "gzip");
    private readonly ValueFlag<string> _platform = flags.String("platform", "Push only this platform of a multi-platform image (os/arch[/variant])");
    private readonly ContentTrust _trust = new(flags);
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only print the name of the image");

    public static CommandEntry Entry => new(
        ["image push", "push"], "[OPTIONS] NAME[:TAG]",
        "Upload an image to a registry",
        ArgumentCount.Exactly(1), static flags => new PushCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var image = RepositoryArgument.Parse(session, arguments[0], _allTags.Value, _quiet.Value);
        _trust.Refuse(session, image);
        if (image.Digest is not null)
            throw new CommandException("cannot push a digest reference");
        var platform = PlatformText.ToJson(_platform.Value);
        if (platform.Length > 0 && !_quiet.Value)
            session.PrintError($"Only the image for {_platform.Value} is pushed, without what else its index names, such as attestations.");
        var credentials = await session.Credentials.FindAsync(image).ConfigureAwait(false);
        using var messages = await session.Client.PushImageAsync(image, platform, _compression.Changed ? _compression.Value : null, credentials)
            .ConfigureAwait(false);
        var target = _quiet.Value ? ProgressTarget.Nowhere : ProgressTarget.Output;
        await ProgressDisplay.ShowAsync(session, messages, target).ConfigureAwait(false);
        if (_quiet.Value)
            session.Print(image.ToString());
        return 0;
    }
}
