using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client.Streams;
using Gantry.Compose;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose logs</c>: shows the logs of a project's containers together.</summary>
internal sealed class ComposeLogsCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _follow = flags.Bool("follow", 'f', "Follow log output");
    private readonly ValueFlag<long> _index = flags.Int("index", "index of the container if service has multiple replicas");
    private readonly BoolFlag _noColor = flags.Bool("no-color", "Produce monochrome output");
    private readonly BoolFlag _noPrefix = flags.Bool("no-log-prefix", "Don't print prefix in logs");
    private readonly ValueFlag<string> _since = flags.String(
        "since", "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)");
    private readonly ValueFlag<string> _tail = flags.String("tail", 'n', "Number of lines to show from the end of the logs for each container", "all");
    private readonly BoolFlag _timestamps = flags.Bool("timestamps", 't', "Show timestamps");
    private readonly ValueFlag<string> _until = flags.String(
        "until", "Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)");

    public static CommandEntry Entry => new(
        ["compose logs"], "[OPTIONS] [SERVICE...]", "View output from containers", ArgumentCount.Any, static flags => new ComposeLogsCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        if (_index.Value > 0 && arguments.Count != 1)
            throw new ComposeException("--index requires one service to be selected");
        var (project, name) = session.ProjectOrName(arguments);
        project?.Check(arguments);
        var engine = session.QuietEngine();
        var containers = _index.Value > 0
            ? [await engine.FindAsync(name, arguments[0], (int)_index.Value, all: true).ConfigureAwait(false)]
            : await engine.ListAsync(name, false, all: true, arguments).ConfigureAwait(false);
        if (project is not null && arguments.Count == 0)
            containers.RemoveAll(container => !project.Services.ContainsKey(container.ServiceName()));
        var logs = new ProjectLogs(engine, session.NewPrinter(_noColor.Value, !_noPrefix.Value));
        var options = new LogOptions
        {
            Follow = _follow.Value,
            Since = Timestamps.Parse(_since.Value),
            Until = Timestamps.Parse(_until.Value),
            Tail = _tail.Value,
            Timestamps = _timestamps.Value,
        };
        var showing = logs.ShowAsync(containers, options);
        if (_follow.Value)
            _ = Task.Run(() => logs.WatchAsync(
                name, arguments, container => _ = Task.Run(() => logs.ShowAsync(container, options with { Tail = "all", Since = "" })), static (_, _) =>
                    Task.FromResult(false), CancellationToken.None));
        await showing.ConfigureAwait(false);
        return 0;
    }
}
