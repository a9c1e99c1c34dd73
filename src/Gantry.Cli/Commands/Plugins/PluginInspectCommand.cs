using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Plugins;

/// <summary><c>plugin inspect</c>: everything about plugins.</summary>
internal sealed class PluginInspectCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);

    public static CommandEntry Entry => new(
        ["plugin inspect"], "[OPTIONS] PLUGIN [PLUGIN...]", "Display detailed information on one or more plugins", ArgumentCount.AtLeast(1), static flags =>
            new PluginInspectCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Inspector.RunAsync(session, arguments, _format.Value, structure: null, name => session.Client.InspectPluginRawAsync(name));
}
