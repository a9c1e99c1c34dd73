using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>stats</c>: what containers use, once or redrawn as it changes.</summary>
internal sealed class StatsCommand(FlagSet flags) : Command
{
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(500);

    private readonly BoolFlag _all = flags.Bool("all", 'a', "Show all containers (default shows just running)");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _noStream = flags.Bool("no-stream", "Disable streaming stats and only pull the first result");
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not truncate output");

    public static CommandEntry Entry => new(
        ["container stats", "stats"], "[OPTIONS] [CONTAINER...]",
        "Display a live stream of container(s) resource usage statistics",
        ArgumentCount.Any, static flags => new StatsCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0 && _all.Value)
            throw new CommandException("--all cannot be used with container names");
        var format = _format.Value.Length > 0 ? _format.Value : session.Settings.Text("statsFormat");
        if (_noStream.Value)
        {
            var names = arguments.Count > 0 ? arguments : await ListAsync(session.Client).ConfigureAwait(false);
            Write(session.Out, format, await Task.WhenAll(names.Select(name => ReadAsync(session.Client, name))).ConfigureAwait(false));
            return 0;
        }
        using var board = new StatsBoard(session.Client);
        await FollowAsync(session, board, arguments, format).ConfigureAwait(false);
        return 0;
    }

    private async Task FollowAsync(CommandSession session, StatsBoard board, IReadOnlyList<string> arguments, string format)
    {
        // Named containers have to be there; the first readings are waited for, so that the screen does not begin with dashes.
        await board.FollowAsync(arguments.Count > 0 ? arguments : await ListAsync(session.Client).ConfigureAwait(false)).ConfigureAwait(false);
        if (arguments.Count > 0 && board.Failure is { } failure)
            throw failure;
        var live = session.Context.Terminal.OutputIsTerminal;
        if (live)
            session.Out.Write("\e[2J");
        while (arguments.Count == 0 || board.IsAlive)
        {
            var text = new StringWriter();
            Write(text, format, board.Rows());
            // Line by line over what stands there, and the rest of the screen cleared: nothing flickers.
            session.Out.Write(live ? "\e[H" + text.ToString().Replace("\n", "\e[K\n", StringComparison.Ordinal) + "\e[J" : text.ToString());
            session.Flush();
            await Task.Delay(s_redraw).ConfigureAwait(false);
            if (arguments.Count == 0)
                await board.FollowAsync(await ListAsync(session.Client).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<string>> ListAsync(EngineClient client) =>
        [.. (await client.ListContainersAsync(_all.Value, null, false, null).ConfigureAwait(false)).Select(static container => container.Id)];

    // The client's connections block, and a reading takes a second: all at once, each on a thread of its own.
    private static Task<StatsRow> ReadAsync(EngineClient client, string name) => Task.Factory.StartNew(
        () => new StatsRow(name, client.ReadContainerStatsAsync(name).GetAwaiter().GetResult()), CancellationToken.None, TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private void Write(TextWriter output, string format, IEnumerable<StatsRow> rows) =>
        Listing.Write(output, format, StatsRow.DefaultTable, StatsRow.Columns(!_noTrunc.Value), rows, "container.statsContext");
}
