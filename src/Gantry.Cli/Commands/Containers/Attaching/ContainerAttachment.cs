using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Client.Streams;

namespace Gantry.Cli.Commands.Containers.Attaching;

/// <summary>Connects the user with a running container, until it ends or the user detaches.</summary>
internal static class ContainerAttachment
{
    /// <summary>Attaches.</summary>
    /// <param name="session">The daemon and the user's streams.</param>
    /// <param name="name">The container.</param>
    /// <param name="detachKeys">The keys that detach; empty for the usual ones.</param>
    /// <param name="input">Whether the user's input goes to the container, if that takes any.</param>
    /// <param name="forwardSignals">Whether signals go to the container's process.</param>
    /// <returns>The container's exit code.</returns>
    /// <exception cref="CommandException">It does not run, there is no terminal where it wants one, or the user has detached.</exception>
    public static async Task<int> RunAsync(CommandSession session, string name, string detachKeys, bool input, bool forwardSignals)
    {
        // 1. What it is and whether it runs.
        var container = await session.Client.InspectContainerAsync(name).ConfigureAwait(false);
        RefuseState(container.State);
        var terminal = container.Config.Tty;
        var stdin = input && container.Config.OpenStdin;
        AttachedStreams.CheckTerminal(session, stdin, terminal);
        var (keysText, keys) = DetachKeys.Choose(detachKeys, session);

        // 2. Wait for its end and attach.
        using var signals = forwardSignals && !terminal ? new SignalForwarder(session.Client, container.Id) : null;
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
            throw new CommandException("You cannot attach to a paused container, unpause it first");
        if (state.Restarting)
            throw new CommandException("You cannot attach to a restarting container, wait until it is running");
    }
}
