using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Compose.Progress;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose export</c>: writes the file system of a service's container as an archive.</summary>
internal sealed class ComposeExportCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<long> _index = flags.Int("index", "index of the container if service has multiple replicas.");
    private readonly ValueFlag<string> _output = flags.String("output", 'o', "Write to a file, instead of STDOUT");

    public static CommandEntry Entry =>
        new(["compose export"], "[OPTIONS] SERVICE", "Export a service container's filesystem as a tar archive", ArgumentCount.Exactly(1), static flags =>
            new ComposeExportCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName([]);
        var container = await session.QuietEngine().FindAsync(name, arguments[0], (int)_index.Value, all: true).ConfigureAwait(false);
        ArchiveOutput.Check(session.Session, _output.Value, "export container");
        await session.RunAsync("Exporting", async progress =>
        {
            progress.Progress.Report(new Step(container.Name(), StepState.Working, "Exporting") { Word = $"export {container.Name()} to {_output.Value}" });
            await WriteAsync(session, container.Id).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return 0;
    }

    private async Task WriteAsync(ComposeSession session, string container)
    {
        using var archive = await session.Session.Client.ExportContainerAsync(container).ConfigureAwait(false);
        await ArchiveOutput.WriteAsync(session.Session, _output.Value, archive.Body).ConfigureAwait(false);
    }
}
