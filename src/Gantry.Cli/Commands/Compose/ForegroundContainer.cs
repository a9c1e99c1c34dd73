using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Session;
using Gantry.Client.Streams;

namespace Gantry.Cli.Commands.Compose;

/// <summary>Starts a container and stays with it until it ends.</summary>
/// <param name="session">The user's streams.</param>
/// <param name="id">The container.</param>
/// <param name="tty">Whether it has a terminal.</param>
/// <param name="interactive">Whether input goes to it.</param>
internal sealed class ForegroundContainer(CommandSession session, string id, bool tty, bool interactive)
{
    /// <summary>Whether the daemon removes it at its end.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>Starts it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunAsync()
    {
        // Attached and awaited before the start: neither output nor end can be missed.
        var (_, keys) = DetachKeys.Choose("", session);
        using var stream = await session.Client.AttachContainerAsync(id, new AttachOptions { Stdin = interactive, Stdout = true, Stderr = true })
            .ConfigureAwait(false);
        using var wait = await session.Client.WaitContainerAsync(id, IsRemoved ? "removed" : "next-exit").ConfigureAwait(false);
        await session.Client.StartContainerAsync(id).ConfigureAwait(false);
        using var signals = new SignalForwarder(session.Client, id);
        using var size = tty ? new TerminalSizeFollower(session.Context.Terminal, (rows, columns) =>
            session.Client.ResizeContainerAsync(id, rows, columns)) : null;
        if (await new AttachedStreams(session, stream, tty, keys).CopyAsync(interactive, output: true).ConfigureAwait(false) == AttachmentEnd.Detached)
            return 0;
        var result = await wait.ResultAsync().ConfigureAwait(false);
        return result.Error is { Message.Length: > 0 } failure ? throw new CommandException(failure.Message, 125) : (int)result.StatusCode;
    }
}
