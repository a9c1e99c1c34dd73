using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client.Streams;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>commit</c>: makes an image of what a container changed.</summary>
internal sealed class CommitCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _author = flags.String("author", 'a', "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")");
    private readonly ListFlag<string> _change = flags.List("change", 'c', "Apply an instruction of a Dockerfile to the image");
    private readonly ValueFlag<string> _message = flags.String("message", 'm', "Commit message");
    private readonly BoolFlag _noPause = flags.Bool("no-pause", "Let the container run during the commit");
    private readonly BoolFlag _pause = flags.Add(new BoolFlag("pause", 'p', "Pause the container during the commit (default true)") { Value = true });

    public static CommandEntry Entry => new(
        ["container commit", "commit"], "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
        "Create a new image from a container's changes",
        new ArgumentCount(1, 2), static flags => new CommitCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (_noPause.Changed && _pause.Changed)
            throw new CommandException("conflicting options: --no-pause and --pause cannot be used together");
        var name = arguments.Count > 1 ? ImageReference.Parse(arguments[1]) : null;
        if (name?.Digest is not null)
            throw new CommandException("cannot import digest reference");
        var image = await session.Client.CommitContainerAsync(arguments[0], new CommitOptions
        {
            Repository = name?.Name ?? "",
            Tag = name?.Tag ?? "",
            Comment = _message.Value,
            Author = _author.Value,
            Pause = _pause.Value && !_noPause.Value,
            Changes = _change.Values,
        }).ConfigureAwait(false);
        session.Print(image.Id);
        return 0;
    }
}
