using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client;
using Gantry.Client.Http;
using Gantry.Client.Streams;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>run</c>: creates a container, starts it, and unless told otherwise stays with it until it ends.</summary>
internal sealed class RunCommand(FlagSet flags) : Command
{
    private readonly ContainerFlags _flags = new(flags);
    private readonly BoolFlag _detach = flags.Bool("detach", 'd', "Run the container in the background and print its ID");
    private readonly ValueFlag<string> _detachKeys = flags.String("detach-keys", "Keys that detach from the container");
    private readonly BoolFlag _signalProxy = flags.Add(
        new BoolFlag("sig-proxy", '\0', "Hand received signals on to the process (default true)") { Value = true });

    public static CommandEntry Entry => new(
        ["container run", "run"], "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        "Create and run a new container from an image",
        ArgumentCount.AtLeast(1), static flags => new RunCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // Docker reports these without the frame of the other failures, and with exit code 1.
        if (_detach.Value && _flags.Attach.Values.Count > 0)
            throw new CommandException("conflicting options: cannot specify both --attach and --detach");
        if (!_detach.Value)
            AttachedStreams.CheckTerminal(session, _flags.Interactive.Value || _flags.Attach.Values.Contains("stdin"), _flags.Tty.Value);
        ContainerCreateRequest request;
        byte[] detachKeys;
        string id;
        try
        {
            request = BuildRequest(session, arguments);
            (_, detachKeys) = DetachKeys.Choose(_detachKeys.Value, session);
            id = await ContainerCreation.CreateAsync(session, _flags, request).ConfigureAwait(false);
            if (_detach.Value)
            {
                session.Print(id); // Before the start: also who failed to start is there to be looked at.
                session.Flush();
                await session.Client.StartContainerAsync(id).ConfigureAwait(false);
                return 0;
            }
        }
        catch (Exception error) when (RunFailure.IsExpected(error, session))
        {
            throw RunFailure.Explain(error, session, "run");
        }
        return await StayAsync(session, request, id, detachKeys).ConfigureAwait(false);
    }

    private ContainerCreateRequest BuildRequest(CommandSession session, IReadOnlyList<string> arguments)
    {
        var request = new ContainerRequestBuilder(_flags, session).Build(arguments[0], [.. arguments.Skip(1)]);
        if (!_detach.Value)
            return request;
        request.AttachStdin = request.AttachStdout = request.AttachStderr = request.StdinOnce = false;
        return request;
    }

    private async Task<int> StayAsync(CommandSession session, ContainerCreateRequest request, string id, byte[] detachKeys)
    {
        SignalForwarder? signals = null;
        HijackedStream? stream = null;
        try
        {
            // 1. Attach and begin to wait before the start: neither a line of output nor the end can be missed.
            ContainerWait wait;
            try
            {
                stream = await AttachAsync(session, request, id).ConfigureAwait(false);
                wait = await session.Client.WaitContainerAsync(id, _flags.Remove.Value ? "removed" : "next-exit").ConfigureAwait(false);
                await session.Client.StartContainerAsync(id).ConfigureAwait(false);
            }
            catch (Exception error) when (RunFailure.IsExpected(error, session))
            {
                throw RunFailure.Explain(error, session, "run");
            }
            // Not before: there was no process to hand a signal to, and now the container runs while the handlers are set up.
            signals = _signalProxy.Value ? new SignalForwarder(session.Client, id) : null;

            // 2. Copy until the output ends, or the user leaves.
            using (wait)
            {
                if (stream is null)
                    session.Print(id);
                else if (await CopyAsync(session, request, id, stream, detachKeys).ConfigureAwait(false) == AttachmentEnd.Detached)
                    return 0;

                // 3. The exit code of the process is that of this command.
                var result = await wait.ResultAsync().ConfigureAwait(false);
                return result.Error is { Message.Length: > 0 } failure ? throw new CommandException(failure.Message, 125) : (int)result.StatusCode;
            }
        }
        finally
        {
            stream?.Dispose();
            signals?.Dispose();
        }
    }

    private async Task<HijackedStream?> AttachAsync(CommandSession session, ContainerCreateRequest request, string id)
    {
        if (!request.AttachStdin && !request.AttachStdout && !request.AttachStderr)
            return null;
        return await session.Client.AttachContainerAsync(id, new AttachOptions
        {
            Stdin = request.AttachStdin,
            Stdout = request.AttachStdout,
            Stderr = request.AttachStderr,
            DetachKeys = _detachKeys.Value,
        }).ConfigureAwait(false);
    }

    private static async Task<AttachmentEnd> CopyAsync(
        CommandSession session, ContainerCreateRequest request, string id, HijackedStream stream, byte[] detachKeys)
    {
        using var size = request.Tty
            ? new TerminalSizeFollower(session.Context.Terminal, (rows, columns) => session.Client.ResizeContainerAsync(id, rows, columns))
            : null;
        var streams = new AttachedStreams(session, stream, request.Tty, detachKeys);
        return await streams.CopyAsync(request.AttachStdin, request.AttachStdout || request.AttachStderr).ConfigureAwait(false);
    }
}
