using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>history</c>: the steps an image was made in.</summary>
internal sealed class HistoryCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _human = flags.Add(new BoolFlag("human", 'H', "Print sizes and dates in readable form (default true)") { Value = true });
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not shorten output");
    private readonly ValueFlag<string> _platform = flags.String("platform", "Platform of a multi-platform image (os/arch[/variant])");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only show image IDs");

    public static CommandEntry Entry => new(
        ["image history", "history"], "[OPTIONS] IMAGE",
        "Show the history of an image",
        ArgumentCount.Exactly(1), static flags => new HistoryCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var steps = await session.Client.ImageHistoryAsync(arguments[0], PlatformText.ToJson(_platform.Value)).ConfigureAwait(false);
        var format = _format.Value is "" or "table" && _quiet.Value ? "{{.ID}}" : _format.Value;
        var created = _human.Value ? "{{.CreatedSince}}" : "{{.CreatedAt}}";
        Listing.Write(session.Out, format, $"{{{{.ID}}}}\t{created}\t{{{{.CreatedBy}}}}\t{{{{.Size}}}}\t{{{{.Comment}}}}", Columns(), steps,
            "formatter.historyContext");
        return 0;
    }

    private IReadOnlyList<Column<ImageHistoryItem>> Columns() =>
    [
        new("ID", "IMAGE", step => _noTrunc.Value ? step.Id : HumanText.ShortId(step.Id)),
        new("CreatedSince", "CREATED", static step => step.Created <= 0 ? "N/A" : HumanText.Ago(DateTimeOffset.FromUnixTimeSeconds(step.Created))),
        new("CreatedAt", "CREATED AT", static step =>
            DateTimeOffset.FromUnixTimeSeconds(step.Created).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
        new("CreatedBy", "CREATED BY", step => FormatCommand(step.CreatedBy.Replace('\t', ' '))),
        new("Size", "SIZE", step => _human.Value ? HumanText.Size(step.Size, 3) : step.Size.ToString(CultureInfo.InvariantCulture)),
        new("Comment", "COMMENT", static step => step.Comment),
    ];

    private string FormatCommand(string command) => _noTrunc.Value ? command : HumanText.Ellipsis(command, 45);
}
