using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client.Streams;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>start</c>: starts containers, and stays with one when asked to.</summary>
internal sealed class StartCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _attach = flags.Bool("attach", 'a', "Attach STDOUT and STDERR and forward signals");
    private readonly ValueFlag<string> _checkpoint = flags.Add(
        new ValueFlag<string>("checkpoint", '\0', "string", "Restore from this checkpoint", static text => text, "") { Hidden = true });
    private readonly ValueFlag<string> _checkpointDir = flags.Add(
        new ValueFlag<string>("checkpoint-dir", '\0', "string", "Use a custom checkpoint storage directory", static text => text, "") { Hidden = true });
    private readonly ValueFlag<string> _detachKeys = flags.String("detach-keys", "Keys that detach from the container");
    private readonly BoolFlag _interactive = flags.Bool("interactive", 'i', "Attach the container's STDIN");

    public static CommandEntry Entry => new(
        ["container start", "start"], "[OPTIONS] CONTAINER [CONTAINER...]",
        "Start one or more stopped containers",
        ArgumentCount.AtLeast(1), static flags => new StartCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (new[] { _checkpoint, _checkpointDir }.FirstOrDefault(static flag => flag.Changed) is { } experimental)
            throw new CommandException($"\"--{experimental.Name}\" is only supported on a Docker daemon with experimental features enabled");
        if (_attach.Value || _interactive.Value)
        {
            return arguments.Count == 1
                ? await StartAttachedAsync(session, arguments[0]).ConfigureAwait(false)
                : throw new CommandException("you cannot start and attach multiple containers at once");
        }
        var failed = new List<string>();
        var exitCode = await Targets.ForEachAsync(session, arguments, async name =>
        {
            try
            {
                await session.Client.StartContainerAsync(name).ConfigureAwait(false);
            }
            catch
            {
                lock (failed)
                    failed.Add(name);
                throw;
            }
        }).ConfigureAwait(false);
        return exitCode == 0 ? 0 : throw new CommandException("Error: failed to start containers: " + string.Join(", ", arguments.Where(failed.Contains)));
    }

    private async Task<int> StartAttachedAsync(CommandSession session, string name)
    {
        // 1. What it is.
        var container = await session.Client.InspectContainerAsync(name).ConfigureAwait(false);
        var terminal = container.Config.Tty;
        var stdin = _interactive.Value && container.Config.OpenStdin;
        AttachedStreams.CheckTerminal(session, stdin, terminal);
        var (keysText, keys) = DetachKeys.Choose(_detachKeys.Value, session);

        // 2. Attach and begin to wait before the start: neither a line of output nor the end can be missed.
        using var signals = terminal ? null : new SignalForwarder(session.Client, container.Id);
        using var stream = await session.Client.AttachContainerAsync(
            container.Id, new AttachOptions { Stdin = stdin, Stdout = true, Stderr = true, DetachKeys = keysText }).ConfigureAwait(false);
        using var wait = await session.Client.WaitContainerAsync(container.Id, container.HostConfig.AutoRemove ? "removed" : "next-exit").ConfigureAwait(false);
        await session.Client.StartContainerAsync(container.Id).ConfigureAwait(false);

        // 3. Copy until the output ends, or the user leaves.
        using var size = terminal
            ? new TerminalSizeFollower(session.Context.Terminal, (rows, columns) => session.Client.ResizeContainerAsync(container.Id, rows, columns))
            : null;
        if (await new AttachedStreams(session, stream, terminal, keys).CopyAsync(stdin, output: true).ConfigureAwait(false) == AttachmentEnd.Detached)
            return 0;
        var result = await wait.ResultAsync().ConfigureAwait(false);
        return result.Error is { Message.Length: > 0 } failure ? throw new CommandException(failure.Message) : (int)result.StatusCode;
    }
}
