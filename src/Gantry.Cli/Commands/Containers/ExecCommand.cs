using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Attaching;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>exec</c>: runs a further process in a running container.</summary>
internal sealed class ExecCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _detach = flags.Bool("detach", 'd', "Run the command in the background");
    private readonly ValueFlag<string> _detachKeys = flags.String("detach-keys", "Keys that detach from the container");
    private readonly ListFlag<string> _env = flags.List("env", 'e', "Set environment variables", FlagChecks.Environment);
    private readonly ListFlag<string> _envFile = flags.List("env-file", "Read environment variables from a file");
    private readonly BoolFlag _interactive = flags.Bool("interactive", 'i', "Keep STDIN open even if not attached");
    private readonly BoolFlag _privileged = flags.Bool("privileged", "Give all privileges to the command");
    private readonly BoolFlag _tty = flags.Bool("tty", 't', "Allocate a pseudo-TTY");
    private readonly ValueFlag<string> _user = flags.String("user", 'u', "User and group (<name|uid>[:<group|gid>])");
    private readonly ValueFlag<string> _workdir = flags.String("workdir", 'w', "Working directory in the container");

    public static CommandEntry Entry => new(
        ["container exec", "exec"], "[OPTIONS] CONTAINER COMMAND [ARG...]",
        "Execute a command in a running container",
        ArgumentCount.AtLeast(2), static flags => new ExecCommand(flags))
    {
        Interspersed = false,
    };

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var request = BuildRequest(session, arguments);
        var (_, keys) = DetachKeys.Choose(_detachKeys.Value, session);
        if (!_detach.Value)
            AttachedStreams.CheckTerminal(session, request.AttachStdin, request.Tty);
        var exec = await session.Client.CreateExecAsync(arguments[0], request).ConfigureAwait(false);
        var start = new ExecStartRequest { Tty = request.Tty, ConsoleSize = request.ConsoleSize };
        if (_detach.Value)
        {
            await session.Client.StartDetachedExecAsync(exec.Id, start).ConfigureAwait(false);
            return 0;
        }

        using var stream = await session.Client.StartExecAsync(exec.Id, start).ConfigureAwait(false);
        using var size = request.Tty
            ? new TerminalSizeFollower(session.Context.Terminal, (rows, columns) => session.Client.ResizeExecAsync(exec.Id, rows, columns))
            : null;
        if (await new AttachedStreams(session, stream, request.Tty, keys).CopyAsync(request.AttachStdin, output: true)
            .ConfigureAwait(false) == AttachmentEnd.Detached)
            throw new CommandException("read escape sequence");
        var result = await session.Client.InspectExecAsync(exec.Id).ConfigureAwait(false);
        return result.ExitCode ?? 0;
    }

    private ExecCreateRequest BuildRequest(CommandSession session, IReadOnlyList<string> arguments) => new()
    {
        User = _user.Value,
        Privileged = _privileged.Value,
        Tty = _tty.Value,
        ConsoleSize = _tty.Value && session.Context.Terminal.Size is var (rows, columns) ? [rows, columns] : null,
        AttachStdin = _interactive.Value && !_detach.Value,
        AttachStdout = !_detach.Value,
        AttachStderr = !_detach.Value,
        DetachKeys = _detachKeys.Value.Length > 0 ? _detachKeys.Value : session.Settings.Text("detachKeys"),
        Env = VariableFile.ReadEnvironment(_envFile.Values, _env.Values, session.Context.Environment),
        WorkingDir = _workdir.Value,
        Cmd = [.. arguments.Skip(1)],
    };
}
