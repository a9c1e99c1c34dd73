using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume ls</c>: lists volumes.</summary>
internal sealed class VolumeListCommand(FlagSet flags) : Command
{
    private readonly FilterFlag _filter = FilterFlag.Define(flags, 'f', "Only volumes that match, e.g. \"dangling=true\"");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _cluster = flags.Bool("cluster", "Only cluster volumes, with what is of interest about those");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display volume names");

    public static CommandEntry Entry =>
        new(["volume ls", "volume list"], "[OPTIONS]", "List volumes", ArgumentCount.None, static flags => new VolumeListCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var listed = await session.Client.ListVolumesAsync(_filter.Filters).ConfigureAwait(false);
        var format = _format.Value.Length > 0 ? _format.Value : _quiet.Value ? "" : session.Settings.Text("volumesFormat");
        if (_quiet.Value && format is "" or "table")
            format = "{{.Name}}";
        // An engine without a swarm has no cluster volumes.
        var shown = _cluster.Value ? [] : listed.Volumes;
        var table = _cluster.Value ? "{{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}" : "{{.Driver}}\t{{.Name}}";
        Listing.Write(session.Out, format, table, Columns, shown.OrderBy(static volume => volume.Name, StringComparer.Ordinal), "formatter.volumeContext");
        return 0;
    }

    /// <summary>What templates can show of a volume.</summary>
    public static IReadOnlyList<Column<VolumeResource>> Columns =>
    [
        new("Name", "VOLUME NAME", static volume => volume.Name),
        new("Driver", "DRIVER", static volume => volume.Driver),
        new("Scope", "SCOPE", static volume => volume.Scope),
        new("Mountpoint", "MOUNTPOINT", static volume => volume.Mountpoint),
        new("Labels", "LABELS", static volume =>
            string.Join(',', (volume.Labels ?? new Dictionary<string, string>()).Select(static label => $"{label.Key}={label.Value}"))),
        new("Label", "", static volume => new TemplateMethod(arguments => volume.Labels?.GetValueOrDefault(arguments is [string name] ? name : "", "") ?? "")),
        new("Links", "LINKS", static volume =>
            volume.UsageData is { } usage ? usage.RefCount.ToString(System.Globalization.CultureInfo.InvariantCulture) : "N/A"),
        new("Size", "SIZE", static volume => volume.UsageData is { } usage ? HumanText.Size(usage.Size) : "N/A"),
        new("Availability", "AVAILABILITY", static _ => "N/A"),
        new("Group", "GROUP", static _ => "N/A"),
        new("Status", "STATUS", static _ => "N/A"),
    ];
}
