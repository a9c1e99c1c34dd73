using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>export</c>: writes a container's root filesystem into an archive.</summary>
internal sealed class ExportCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _output = flags.String("output", 'o', "Write to a file, instead of STDOUT");

    public static CommandEntry Entry => new(
        ["container export", "export"], "[OPTIONS] CONTAINER",
        "Export a container's filesystem as a tar archive",
        ArgumentCount.Exactly(1), static flags => new ExportCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        ArchiveOutput.Check(session, _output.Value, "export container");
        using var archive = await session.Client.ExportContainerAsync(arguments[0]).ConfigureAwait(false);
        await ArchiveOutput.WriteAsync(session, _output.Value, archive.Body).ConfigureAwait(false);
        return 0;
    }
}
