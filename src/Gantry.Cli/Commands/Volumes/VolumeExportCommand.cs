using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume export</c>: writes what is in a volume into an archive.</summary>
internal sealed class VolumeExportCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _output = flags.String("output", 'o', "Write to a file, instead of STDOUT");

    public static CommandEntry Entry => new(
        ["volume export"], "[OPTIONS] VOLUME",
        "Export the files of a volume as a tar archive",
        ArgumentCount.Exactly(1), static flags => new VolumeExportCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        ArchiveOutput.Check(session, _output.Value, "export volume");
        using var archive = await session.Client.ExportVolumeAsync(arguments[0]).ConfigureAwait(false);
        await ArchiveOutput.WriteAsync(session, _output.Value, archive.Body).ConfigureAwait(false);
        return 0;
    }
}
