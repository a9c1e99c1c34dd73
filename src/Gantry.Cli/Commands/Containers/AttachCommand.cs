using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client.Streams;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>attach</c>: connects the terminal with a running container.</summary>
internal sealed class AttachCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _detachKeys = flags.String("detach-keys", "Keys that detach from the container");
    private readonly BoolFlag _noStdin = flags.Bool("no-stdin", "Do not attach STDIN");
    private readonly BoolFlag _signalProxy = flags.Add(new BoolFlag("sig-proxy", '\0', "Hand received signals on to the process (default true)") { Value = true });

    public static CommandEntry Entry => new(
        ["container attach", "attach"], "[OPTIONS] CONTAINER",
        "Attach local standard input, output, and error streams to a running container",
        ArgumentCount.Exactly(1), static flags => new AttachCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // 1. What it is and whether it runs.
        var container = await session.Client.InspectContainerAsync(arguments[0]).ConfigureAwait(false);
        RefuseState(container.State);
        var terminal = container.Config.Tty;
        var stdin = !_noStdin.Value && container.Config.OpenStdin;
        AttachedStreams.CheckTerminal(session, stdin, terminal);
        var (keysText, keys) = DetachKeys.Choose(_detachKeys.Value, session);

        // 2. Wait for its end and attach.
        using var signals = _signalProxy.Value && !terminal ? new SignalForwarder(session.Client, container.Id) : null;
        using var wait = await session.Client.WaitContainerAsync(container.Id, condition: null).ConfigureAwait(false);
        using var stream = await session.Client.AttachContainerAsync(
            container.Id, new AttachOptions { Stdin = stdin, Stdout = true, Stderr = true, DetachKeys = keysText }).ConfigureAwait(false);
        using var size = terminal ? FollowSize(session, container.Id) : null;

        // 3. Copy.
        if (await new AttachedStreams(session, stream, terminal, keys).CopyAsync(stdin, output: true).ConfigureAwait(false) == AttachmentEnd.Detached)
            throw new CommandException("read escape sequence");
        var result = await wait.ResultAsync().ConfigureAwait(false);
        return result.Error is { Message.Length: > 0 } failure ? throw new CommandException(failure.Message) : (int)result.StatusCode;
    }

    // A program at a terminal draws its screen anew only when the size changes: it is made to change.
    private static TerminalSizeFollower FollowSize(CommandSession session, string id)
    {
        if (session.Context.Terminal.Size is var (rows, columns))
            session.Client.ResizeContainerAsync(id, rows + 1, columns + 1).GetAwaiter().GetResult();
        return new TerminalSizeFollower(session.Context.Terminal, (height, width) => session.Client.ResizeContainerAsync(id, height, width));
    }

    private static void RefuseState(ContainerState state)
    {
        if (!state.Running)
            throw new CommandException("You cannot attach to a stopped container, start it first");
        if (state.Paused)
            throw new CommandException("cannot attach to a paused container, unpause it first");
        if (state.Restarting)
            throw new CommandException("cannot attach to a restarting container, wait until it is running");
    }
}
