using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client.Http;
using Gantry.Client.Streams;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>logs</c>: what a container has written.</summary>
internal sealed class LogsCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _details = flags.Bool("details", "Show the attributes of the log driver");
    private readonly BoolFlag _follow = flags.Bool("follow", 'f', "Go on with new output");
    private readonly ValueFlag<string> _since = flags.String(
        "since", "Only what was written since a time (e.g. \"2013-01-02T13:23:37Z\") or a duration ago (e.g. \"42m\")");
    private readonly ValueFlag<string> _tail = flags.Value("tail", 'n', "string", "Number of lines from the end", static text => text, "all", "\"all\"");
    private readonly BoolFlag _timestamps = flags.Bool("timestamps", 't', "Show the time of each line");
    private readonly ValueFlag<string> _until = flags.String(
        "until", "Only what was written before a time (e.g. \"2013-01-02T13:23:37Z\") or a duration ago (e.g. \"42m\")");

    public static CommandEntry Entry => new(
        ["container logs", "logs"], "[OPTIONS] CONTAINER",
        "Fetch the logs of a container",
        ArgumentCount.Exactly(1), static flags => new LogsCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var options = new LogOptions
        {
            Follow = _follow.Value,
            Since = Time(_since),
            Until = Time(_until),
            Timestamps = _timestamps.Value,
            Details = _details.Value,
            Tail = _tail.Value,
        };
        using var logs = await session.Client.OpenLogsAsync(arguments[0], options).ConfigureAwait(false);
        if (await IsRawAsync(session, logs, arguments[0]).ConfigureAwait(false))
            await logs.Body.CopyToAsync(session.Context.Output).ConfigureAwait(false);
        else
            await MultiplexedReader.CopyAsync(logs.Body, session.Context.Output, session.Context.Error, CancellationToken.None).ConfigureAwait(false);
        return 0;
    }

    private static string Time(ValueFlag<string> flag)
    {
        try
        {
            return Timestamps.Parse(flag.Value);
        }
        catch (CommandException error)
        {
            throw new CommandException($"invalid value for \"{flag.Name}\": {error.Message}");
        }
    }

    // The media type tells; a daemon that is too old for that says whether the container has a terminal.
    private static async Task<bool> IsRawAsync(CommandSession session, HttpExchange logs, string name) => logs.Head["Content-Type"] switch
    {
        "application/vnd.docker.raw-stream" => true,
        "application/vnd.docker.multiplexed-stream" => false,
        _ => (await session.Client.InspectContainerAsync(name).ConfigureAwait(false)).Config.Tty,
    };
}
