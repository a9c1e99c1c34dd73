using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network why</c>: who reaches a container, and which rule decides.</summary>
internal sealed class NetworkWhyCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);

    public static CommandEntry Entry => new(
        ["network why"], "[OPTIONS] CONTAINER[:PORT] [FROM]",
        "Explain who reaches a container, and which rule decides (FROM: host, lan, world, an address, or a container)",
        ArgumentCount.AtLeast(1), static flags => new NetworkWhyCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 2)
            throw new CommandException("\"network why\" takes a container and at most one FROM");
        var colon = arguments[0].LastIndexOf(':');
        var container = colon < 0 ? arguments[0] : arguments[0][..colon];
        int? port = null;
        if (colon >= 0)
        {
            port = int.TryParse(arguments[0][(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number is > 0 and <= ushort.MaxValue
                ? number
                : throw new CommandException($"invalid port in \"{arguments[0]}\": it is a number from 1 to 65535");
        }
        var answer = await session.Client.ExplainReachabilityAsync(container, port, arguments.Count > 1 ? arguments[1] : null).ConfigureAwait(false);
        Listing.Write(
            session.Out, _format.Value, "{{.From}}\t{{.Network}}\t{{.Address}}\t{{.Open}}\t{{.Rule}}\t{{.Reason}}", Columns, answer.Ways,
            "formatter.reachabilityContext");
        return 0;
    }

    private static IReadOnlyList<Column<ReachabilityWay>> Columns =>
    [
        new("From", "FROM", static way => Place(way.From)),
        new("Network", "NETWORK", static way => way.Network),
        new("Address", "ADDRESS", Address),
        new("Open", "OPEN", static way => way.IsOpen ? "yes" : "no"),
        new("Rule", "RULE", static way => way.Rule),
        new("Reason", "REASON", static way => way.Reason),
    ];

    private static string Place(string from) => from switch
    {
        "Host" => "host",
        "SameNetwork" => "same network",
        "OtherNetwork" => "other networks",
        "LocalMachine" => "lan",
        "RemoteMachine" => "world",
        _ => from,
    };

    private static string Address(ReachabilityWay way)
    {
        var address = way.Address.Contains(':', StringComparison.Ordinal) ? $"[{way.Address}]" : way.Address;
        return $"{address}:{(way.Port == 0 ? "*" : way.Port.ToString(CultureInfo.InvariantCulture))}{(way.Protocol.Length == 0 ? "" : $"/{way.Protocol}")}";
    }
}
