using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Credentials;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Registries;

/// <summary><c>search</c>: looks for images in a registry.</summary>
internal sealed class SearchCommand(FlagSet flags) : Command
{
    private const int DescriptionWidth = 45;

    private readonly FilterFlag _filter = FilterFlag.Define(flags, 'f', "Only images that match, e.g. \"is-official=true\" or \"stars=3\"");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly ValueFlag<long> _limit = flags.Value("limit", '\0', "int", "How many results at most", FlagValues.ParseInt64, 0L);
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not shorten output");

    public static CommandEntry Entry => new(
        ["search"], "[OPTIONS] TERM",
        "Search Docker Hub for images",
        ArgumentCount.Exactly(1), static flags => new SearchCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var address = ImageReference.TryParse(arguments[0], out var reference) ? RegistryAddress.Of(reference) : RegistryAddress.DockerHub;
        var credentials = await session.Credentials.FindAsync(address).ConfigureAwait(false);
        long? limit = _limit.Changed ? _limit.Value : null;
        var found = await session.Client.SearchImagesAsync(arguments[0], limit, _filter.Filters, credentials).ConfigureAwait(false);
        Listing.Write(
            session.Out, _format.Value, "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}", Columns(), found, "formatter.searchContext");
        return 0;
    }

    private IReadOnlyList<Column<ImageSearchItem>> Columns() =>
    [
        new("Name", "NAME", static item => item.Name),
        new("Description", "DESCRIPTION", item => FormatDescription(item.Description.Replace('\n', ' ').Replace('\r', ' '))),
        new("StarCount", "STARS", static item => item.StarCount.ToString(CultureInfo.InvariantCulture)),
        new("IsOfficial", "OFFICIAL", static item => item.IsOfficial ? "[OK]" : ""),
        new("IsAutomated", "AUTOMATED", static item => item.IsAutomated ? "[OK]" : ""),
    ];

    private string FormatDescription(string text) => _noTrunc.Value ? text : HumanText.Ellipsis(text, DescriptionWidth);
}
