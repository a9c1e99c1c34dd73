using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Output;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose graph</c>: draws a project: services by what they depend on, with their ports, networks and volumes.</summary>
internal sealed class ComposeGraphCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _format = flags.String("format", "Format of the drawing. Values: [text | svg | dot]", "text");
    private readonly ValueFlag<string> _output = flags.String("output", 'o', "Save to file (default to stdout)");

    public static CommandEntry Entry =>
        new(["compose graph"], "[OPTIONS] [SERVICE...]", "Draw the services of a project and what they depend on", ArgumentCount.Any, static flags =>
            new ComposeGraphCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var project = session.Load(arguments, session.Options with { ResolveEnvironment = false });
        var drawing = _format.Value switch
        {
            "text" => ProjectGraph.ToText(project),
            "svg" => ProjectGraph.ToSvg(project),
            "dot" => ProjectGraph.ToDot(project),
            _ => throw new ComposeException($"unsupported format \"{_format.Value}\": use text, svg or dot"),
        };
        if (_output.Value.Length > 0)
            await File.WriteAllTextAsync(_output.Value, drawing).ConfigureAwait(false);
        else
            session.Session.Out.Write(drawing);
        return 0;
    }
}
