using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>container inspect</c>: everything about containers.</summary>
internal sealed class ContainerInspectCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);
    private readonly BoolFlag _size = flags.Bool("size", 's', "Display total file sizes");

    public static CommandEntry Entry => new(
        ["container inspect"], "[OPTIONS] CONTAINER [CONTAINER...]",
        "Display detailed information on one or more containers",
        ArgumentCount.AtLeast(1), static flags => new ContainerInspectCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Inspector.RunAsync(session, arguments, _format.Value, "container.InspectResponse", name => session.Client.InspectContainerRawAsync(name, _size.Value));
}
