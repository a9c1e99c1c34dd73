using Gantry.Compose;
using Gantry.Compose.Progress;

namespace Gantry.Cli.Commands.Compose;

/// <summary>Chooses how progress is shown: on a terminal live, elsewhere as lines, or as asked for.</summary>
internal static class ProgressChoice
{
    /// <summary>The display for a command.</summary>
    /// <param name="session">The command's session.</param>
    /// <param name="title">What is done.</param>
    public static IProgress Make(ComposeSession session, string title)
    {
        var error = session.Session.Error;
        return Mode(session) switch
        {
            "quiet" => new QuietProgress(),
            "json" => new PlainProgress(error, json: true, session.DryRun),
            "plain" => new PlainProgress(error, json: false, session.DryRun),
            "tty" => Live(session, title),
            "" or "auto" => IsLive(session) ? Live(session, title) : new PlainProgress(error, json: false, session.DryRun),
            var mode => throw new ComposeException($"unsupported --progress value \"{mode}\""),
        };
    }

    /// <summary>Whether it is drawn on a terminal.</summary>
    public static bool IsLive(ComposeSession session) =>
        Mode(session) switch { "tty" => true, "" or "auto" => session.Session.Context.Terminal.ErrorSize is not null && session.Ansi != "never", _ => false };

    /// <summary>Whether it is told, and failures with it, as JSON for programs.</summary>
    public static bool IsJson(ComposeSession session) => Mode(session) == "json";

    private static string Mode(ComposeSession session) =>
        session.Flags.Progress.Value is { Length: > 0 } flag ? flag : session.Environment.GetValueOrDefault("COMPOSE_PROGRESS") ?? "";

    private static LiveProgress Live(ComposeSession session, string title)
    {
        var colors = session.Ansi != "never" && string.IsNullOrEmpty(session.Environment.GetValueOrDefault("NO_COLOR"));
        return new LiveProgress(session.Session.Error, () =>
            session.Session.Context.Terminal.ErrorSize is { Rows: > 0, Columns: > 0 } size ? size : (24, 80), title, colors);
    }
}
