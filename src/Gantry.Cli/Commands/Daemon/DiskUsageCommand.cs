using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>system df</c>: what images, containers, volumes and the build cache occupy on the disk.</summary>
internal sealed class DiskUsageCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _verbose = flags.Bool("verbose", 'v', "Show detailed information on space usage");

    public static CommandEntry Entry => new(
        ["system df"], "[OPTIONS]",
        "Show disk usage",
        ArgumentCount.None, static flags => new DiskUsageCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var usage = await session.Client.DiskUsageAsync().ConfigureAwait(false);
        if (_verbose.Value)
            DiskUsageDetails.Write(session, usage, _format.Value);
        else
            Listing.Write(
                session.Out, _format.Value, "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}", DiskUsageRow.Columns,
                DiskUsageRow.Of(usage),
                "formatter.diskUsageContext");
        return 0;
    }
}
