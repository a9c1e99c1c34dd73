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
        var mode = session.Flags.Progress.Value is { Length: > 0 } flag ? flag : session.Environment.GetValueOrDefault("COMPOSE_PROGRESS") ?? "";
        var terminal = session.Session.Context.Terminal.ErrorSize;
        switch (mode)
        {
            case "quiet":
                return new QuietProgress();
            case "json":
                return new PlainProgress(error, json: true, session.DryRun);
            case "plain":
                return new PlainProgress(error, json: false, session.DryRun);
            case "tty":
                return Live(session, title);
            case "" or "auto":
                return terminal is null || session.Ansi == "never" ? new PlainProgress(error, json: false, session.DryRun) : Live(session, title);
            default:
                throw new ComposeException($"unsupported --progress value \"{mode}\"");
        }
    }

    private static LiveProgress Live(ComposeSession session, string title)
    {
        var colors = session.Ansi != "never" && string.IsNullOrEmpty(session.Environment.GetValueOrDefault("NO_COLOR"));
        return new LiveProgress(session.Session.Error, () => session.Session.Context.Terminal.ErrorSize is { Rows: > 0, Columns: > 0 } size ? size : (24, 80), title, colors);
    }
}
