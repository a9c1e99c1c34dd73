using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose exec</c>: runs a further process in a service's container.</summary>
internal sealed class ComposeExecCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _detach = flags.Bool("detach", 'd', "Detached mode: Run command in the background");
    private readonly ListFlag<string> _environment = flags.List("env", 'e', "Set environment variables");
    private readonly ValueFlag<long> _index = flags.Int("index", "Index of the container if service has multiple replicas");
    private readonly BoolFlag _noTty = NoTerminal(flags, "Disable pseudo-TTY allocation. By default 'docker compose exec' allocates a TTY.");
    private readonly BoolFlag _privileged = flags.Bool("privileged", "Give extended privileges to the process");
    private readonly ValueFlag<string> _user = flags.String("user", 'u', "Run the command as this user");
    private readonly ValueFlag<string> _folder = flags.String("workdir", 'w', "Path to workdir directory for this command");
    private readonly BoolFlag _interactive = flags.Add(
        new BoolFlag("interactive", 'i', "Keep STDIN open even if not attached") { Value = true, Hidden = true });
    private readonly BoolFlag _tty = flags.Add(new BoolFlag("tty", 't', "Allocate a pseudo-TTY") { Value = true, Hidden = true });

    public static CommandEntry Entry => new(
        ["compose exec"], "[OPTIONS] SERVICE COMMAND [ARGS...]", "Execute a command in a running container", ArgumentCount.AtLeast(2), static flags =>
            new ComposeExecCommand(flags))
    {
        Interspersed = false,
    };

    /// <summary>Adds <c>-T</c>, which docker calls <c>--no-tty</c>, before <c>--no-TTY</c>.</summary>
    internal static BoolFlag NoTerminal(FlagSet flags, string usage)
    {
        var flag = flags.Bool("no-tty", 'T', usage);
        flags.Add(new AliasFlag("no-TTY", flag));
        return flag;
    }

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName([]);
        var container = await session.QuietEngine().FindAsync(name, arguments[0], (int)_index.Value, all: false, oneOff: null).ConfigureAwait(false);
        var client = session.Session.Client;
        var terminal = session.Session.Context.Terminal;
        var tty = _tty.Value && !_noTty.Value && !_detach.Value && terminal.InputIsTerminal && terminal.OutputIsTerminal;
        var exec = await client.CreateExecAsync(container.Id, new ExecCreateRequest
        {
            User = _user.Value,
            Privileged = _privileged.Value,
            Tty = tty,
            ConsoleSize = tty && terminal.Size is var (rows, columns) ? [rows, columns] : null,
            AttachStdin = _interactive.Value && !_detach.Value,
            AttachStdout = !_detach.Value,
            AttachStderr = !_detach.Value,
            Env = [.. _environment.Values.Select(variable => variable.Contains('=', StringComparison.Ordinal)
                || !session.Environment.TryGetValue(variable, out var value) ? variable : $"{variable}={value}")],
            WorkingDir = _folder.Value,
            Cmd = [.. arguments.Skip(1)],
        }).ConfigureAwait(false);
        var start = new ExecStartRequest { Tty = tty };
        if (_detach.Value)
        {
            await client.StartDetachedExecAsync(exec.Id, start).ConfigureAwait(false);
            return 0;
        }
        using var stream = await client.StartExecAsync(exec.Id, start).ConfigureAwait(false);
        using var size = tty ? new TerminalSizeFollower(terminal, (height, width) => client.ResizeExecAsync(exec.Id, height, width)) : null;
        var (_, keys) = DetachKeys.Choose("", session.Session);
        if (await new AttachedStreams(session.Session, stream, tty, keys).CopyAsync(_interactive.Value, output: true)
            .ConfigureAwait(false) == AttachmentEnd.Detached)
            return 0;
        return (await client.InspectExecAsync(exec.Id).ConfigureAwait(false)).ExitCode ?? 0;
    }
}
