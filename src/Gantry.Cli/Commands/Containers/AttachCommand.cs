using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>attach</c>: connects the terminal with a running container.</summary>
internal sealed class AttachCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _detachKeys = flags.String("detach-keys", "Keys that detach from the container");
    private readonly BoolFlag _noStdin = flags.Bool("no-stdin", "Do not attach STDIN");
    private readonly BoolFlag _signalProxy = flags.Add(
        new BoolFlag("sig-proxy", '\0', "Hand received signals on to the process (default true)") { Value = true });

    public static CommandEntry Entry => new(
        ["container attach", "attach"], "[OPTIONS] CONTAINER",
        "Attach local standard input, output, and error streams to a running container",
        ArgumentCount.Exactly(1), static flags => new AttachCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        ContainerAttachment.RunAsync(session, arguments[0], _detachKeys.Value, input: !_noStdin.Value, _signalProxy.Value);
}
