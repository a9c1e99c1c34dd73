using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>ps</c>: lists containers.</summary>
internal sealed class ContainerListCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Show all containers (default shows just running)");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, 'f', "Only containers that match, e.g. \"status=exited\"");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly ValueFlag<long> _last = flags.Int("last", 'n', "Show the given number of newest containers (includes all states)", -1);
    private readonly BoolFlag _latest = flags.Bool("latest", 'l', "Show the newest container (includes all states)");
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not shorten output");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display container IDs");
    private readonly BoolFlag _size = flags.Bool("size", 's', "Display total file sizes");

    public static CommandEntry Entry => new(
        ["container ls", "container list", "container ps", "ps"], "[OPTIONS]",
        "List containers",
        ArgumentCount.None, static flags => new ContainerListCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        long? limit = _latest.Value ? 1 : _last.Value > 0 ? _last.Value : null;
        var format = _format.Value.Length > 0 ? _format.Value : _quiet.Value ? "" : session.Settings.Text("psFormat");
        // As docker's, a template that shows all there is shows sizes, too; the word json alone does not.
        var size = _size.Value || format.Contains(".Size", StringComparison.Ordinal) || format.Contains("json .}", StringComparison.Ordinal);
        if (_quiet.Value)
        {
            if (_format.Value.Length > 0)
                session.PrintError("WARNING: Ignoring custom format, because both --format and --quiet are set.");
            format = "{{.ID}}";
        }
        using var containers = await session.Client.BeginListContainersAsync(_all.Value, limit, size, _filter.Filters).ConfigureAwait(false);
        var listing = new ListingWriter<ContainerSummary>(
            session.Out, format, ContainerColumns.DefaultTable + (_size.Value ? "\t{{.Size}}" : ""), ContainerColumns.All(!_noTrunc.Value),
            "formatter.ContainerContext");
        await containers.ReadEachAsync(listing.Add).ConfigureAwait(false);
        listing.Finish();
        return 0;
    }
}
