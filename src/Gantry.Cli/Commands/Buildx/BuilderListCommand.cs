using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx ls</c>: lists builders, of which there is one.</summary>
internal sealed class BuilderListCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output", "table");
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Don't truncate output");
    private readonly BuilderTimeout _timeout = new(flags);

    public static CommandEntry Entry =>
        new(["buildx ls"], "[OPTIONS]", "List builder instances", ArgumentCount.None, static flags => new BuilderListCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        _ = _noTrunc.Value;
        var version = await _timeout.WithinAsync(() => session.Client.VersionAsync()).ConfigureAwait(false);
        Row[] rows = _format.Value is "" or "table"
            ? [new Row($"{BuilderFlag.Default}*", "docker", "", "", ""),
                new Row(@" \_ default", @" \_ default", "running", $"gantry {version.Version}", Platform.Host.ToString())]
            : [new Row(BuilderFlag.Default, "docker", "running", $"gantry {version.Version}", Platform.Host.ToString())];
        Listing.Write(session.Out, _format.Value, "{{.Name}}\t{{.DriverEndpoint}}\t{{.Status}}\t{{.Buildkit}}\t{{.Platforms}}", Columns, rows,
            "formatter.lsContext");
        return 0;
    }

    private static IReadOnlyList<Column<Row>> Columns =>
    [
        new("Name", "NAME/NODE", static row => row.Name),
        new("DriverEndpoint", "DRIVER/ENDPOINT", static row => row.Driver),
        new("Status", "STATUS", static row => row.Status),
        new("Buildkit", "BUILDKIT", static row => row.Version),
        new("Platforms", "PLATFORMS", static row => row.Platforms),
    ];

    private sealed record Row(string Name, string Driver, string Status, string Version, string Platforms);
}
