using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Networks;

/// <summary><c>network inspect</c>: everything about networks.</summary>
internal sealed class NetworkInspectCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);
    private readonly BoolFlag _verbose = flags.Bool("verbose", 'v', "More output, for diagnostics");

    public static CommandEntry Entry => new(
        ["network inspect"], "[OPTIONS] NETWORK [NETWORK...]",
        "Display detailed information on one or more networks",
        ArgumentCount.AtLeast(1), static flags => new NetworkInspectCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Inspector.RunAsync(session, arguments, _format.Value, "network.Inspect", name => session.Client.InspectNetworkRawAsync(name, _verbose.Value));
}
