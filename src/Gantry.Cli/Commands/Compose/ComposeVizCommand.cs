using Gantry.Cli.Flags;
using Gantry.Compose.Output;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose alpha viz</c>: draws a project for Graphviz.</summary>
internal sealed class ComposeVizCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _images = flags.Bool("image", "Include service's image name in output graph");
    private readonly ValueFlag<long> _indentation = flags.Int("indentation-size", "Number of tabs or spaces to use for indentation", 1);
    private readonly BoolFlag _networks = flags.Bool("networks", "Include service's attached networks in output graph");
    private readonly BoolFlag _ports = flags.Bool("ports", "Include service's exposed ports in output graph");
    private readonly BoolFlag _spaces = flags.Bool(
        "spaces", "If given, space character ' ' will be used to indent,\notherwise tab character '\\t' will be used");

    public static CommandEntry Entry => new(
        ["compose alpha viz"], "[OPTIONS]", "EXPERIMENTAL - Generate a graphviz graph from your compose file", ArgumentCount.Any, static flags =>
            new ComposeVizCommand(flags));

    public override Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.Session.PrintError("viz command is EXPERIMENTAL");
        var viz = new ProjectViz
        {
            Indentation = new string(_spaces.Value ? ' ' : '\t', (int)Math.Clamp(_indentation.Value, 0, 100)),
            Images = _images.Value,
            Networks = _networks.Value,
            Ports = _ports.Value,
        };
        session.Session.Print(viz.Draw(session.Load([], session.Options with { ResolveEnvironment = false })));
        return Task.FromResult(0);
    }
}
