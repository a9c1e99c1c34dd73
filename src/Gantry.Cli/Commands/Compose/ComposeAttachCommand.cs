using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose attach</c>: connects the user with a service's container.</summary>
internal sealed class ComposeAttachCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _detachKeys = flags.String("detach-keys", "Override the key sequence for detaching from a container.");
    private readonly ValueFlag<long> _index = flags.Int("index", "index of the container if service has multiple replicas.");
    private readonly BoolFlag _noInput = flags.Bool("no-stdin", "Do not attach STDIN");
    private readonly BoolFlag _signals = flags.Add(
        new BoolFlag("sig-proxy", '\0', "Proxy all received signals to the process (default true)") { Value = true });

    public static CommandEntry Entry => new(
        ["compose attach"], "[OPTIONS] SERVICE", "Attach local standard input, output, and error streams to a service's running container",
        ArgumentCount.Exactly(1), static flags => new ComposeAttachCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName([]);
        var container = await session.QuietEngine().FindAsync(name, arguments[0], (int)_index.Value, all: false).ConfigureAwait(false);
        return await ContainerAttachment.RunAsync(session.Session, container.Id, _detachKeys.Value, input: !_noInput.Value, _signals.Value)
            .ConfigureAwait(false);
    }
}
