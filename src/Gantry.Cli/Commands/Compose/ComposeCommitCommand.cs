using Gantry.Cli.Flags;
using Gantry.Client.Streams;
using Gantry.Compose.Progress;
using Gantry.Compose.Running;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose commit</c>: makes an image of a service's container.</summary>
internal sealed class ComposeCommitCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _author = flags.String("author", 'a', "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")");
    private readonly ListFlag<string> _change = flags.List("change", 'c', "Apply Dockerfile instruction to the created image");
    private readonly ValueFlag<long> _index = flags.Int("index", "index of the container if service has multiple replicas.");
    private readonly ValueFlag<string> _message = flags.String("message", 'm', "Commit message");
    private readonly BoolFlag _pause = flags.Add(new BoolFlag("pause", 'p', "Pause container during commit (default true)") { Value = true });

    public static CommandEntry Entry => new(
        ["compose commit"], "[OPTIONS] SERVICE [REPOSITORY[:TAG]]", "Create a new image from a service container's changes", new ArgumentCount(1, 2),
        static flags => new ComposeCommitCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName([]);
        var container = await session.QuietEngine().FindAsync(name, arguments[0], (int)_index.Value, all: true).ConfigureAwait(false);
        var reference = arguments.Count > 1 ? ImageReference.Parse(arguments[1]) : null;
        await session.RunAsync("Committing", async progress =>
        {
            progress.Progress.Report(new Step(container.Name(), StepState.Working, "Committing") { Word = "Commit " + container.Name() });
            var image = await progress.Client.CommitContainerAsync(container.Id, new CommitOptions
            {
                Repository = reference?.FamiliarName ?? "",
                Tag = reference?.Tag ?? "",
                Author = _author.Value,
                Comment = _message.Value,
                Changes = _change.Values,
                Pause = _pause.Value,
            }).ConfigureAwait(false);
            progress.Progress.Report(new Step(container.Name(), StepState.Done, $"Committed as {image.Id}") { Word = "Commit " + container.Name() });
        }).ConfigureAwait(false);
        return 0;
    }
}
