using Gantry.Cli.Commands.Volumes;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Client;
using Gantry.Compose.Planning;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose volumes</c>: lists a project's volumes.</summary>
internal sealed class ComposeVolumesCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing, "table");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display volume names");

    public static CommandEntry Entry =>
        new(["compose volumes"], "[OPTIONS] [SERVICE...]", "List volumes", ArgumentCount.Any, static flags => new ComposeVolumesCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (project, name) = session.ProjectOrName(arguments);
        project?.Check(arguments);
        var used = arguments.Count == 0 || project is null ? null : arguments.SelectMany(service => project.Service(service).Maps("volumes"))
            .Select(static volume => volume.Text("source")).ToHashSet(StringComparer.Ordinal);
        var listed = await session.Session.Client.ListVolumesAsync(new Filters().Add("label", $"{Labels.Project}={name}")).ConfigureAwait(false);
        var volumes = listed.Volumes.Where(volume => used is null || used.Contains(volume.Labels?.GetValueOrDefault(Labels.Volume) ?? ""))
            .OrderBy(static volume => volume.Name, StringComparer.Ordinal);
        var format = _quiet.Value ? "{{.Name}}" : _format.Value == "table" ? "" : _format.Value;
        Listing.Write(session.Session.Out, format, "{{.Driver}}\t{{.Name}}", VolumeListCommand.Columns, volumes, "formatter.volumeContext");
        return 0;
    }
}
