using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network ls</c>: lists networks.</summary>
internal sealed class NetworkListCommand(FlagSet flags) : Command
{
    private readonly FilterFlag _filter = FilterFlag.Define(flags, 'f', "Only networks that match, e.g. \"driver=bridge\"");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not shorten output");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display network IDs");

    public static CommandEntry Entry =>
        new(["network ls", "network list"], "[OPTIONS]", "List networks", ArgumentCount.None, static flags => new NetworkListCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var networks = await session.Client.ListNetworksAsync(_filter.Filters).ConfigureAwait(false);
        var format = _format.Value.Length > 0 ? _format.Value : _quiet.Value ? "" : session.Settings.Text("networksFormat");
        if (_quiet.Value && format is "" or "table")
            format = "{{.ID}}";
        Listing.Write(
            session.Out, format, "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", Columns(!_noTrunc.Value),
            networks.OrderBy(static network => network.Name, StringComparer.Ordinal), "formatter.networkContext");
        return 0;
    }

    private static IReadOnlyList<Column<NetworkResource>> Columns(bool truncate) =>
    [
        new("ID", "NETWORK ID", network => truncate ? HumanText.ShortId(network.Id) : network.Id),
        new("Name", "NAME", static network => network.Name),
        new("Driver", "DRIVER", static network => network.Driver),
        new("Scope", "SCOPE", static network => network.Scope),
        new("IPv4", "IPV4", static network => network.EnableIPv4 ? "true" : "false"),
        new("IPv6", "IPV6", static network => network.EnableIPv6 ? "true" : "false"),
        new("Internal", "INTERNAL", static network => network.Internal ? "true" : "false"),
        new("Labels", "LABELS", static network => string.Join(',', network.Labels.Select(static label => $"{label.Key}={label.Value}"))),
        new("Label", "", static network => new TemplateMethod(arguments => network.Labels.GetValueOrDefault(arguments is [string name] ? name : "", ""))),
        new("CreatedAt", "CREATED AT", static network => HumanText.Timestamp(network.Created)),
    ];
}
