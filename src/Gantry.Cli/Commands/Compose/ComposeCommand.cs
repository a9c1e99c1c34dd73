using System.Text;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Compose.Progress;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose</c>: the flags that all its commands share, and the way to them.</summary>
internal sealed class ComposeCommand(FlagSet flags) : Command
{
    private readonly ComposeFlags _flags = new(flags);

    public static CommandEntry Entry => new(
        ["compose"], "[OPTIONS] COMMAND", "Define and run multi-container applications", ArgumentCount.Any, static flags => new ComposeCommand(flags))
    {
        Interspersed = false,
        Details = ListCommands,
    };

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // docker starts its plugins with their own name as the first argument.
        var words = arguments.Skip(arguments.Count > 0 && arguments[0] == "compose" ? 1 : 0).ToList();
        var help = new Help(session.Program, session.Context.Terminal);
        if (words.Count > 1 && words[0] == "help")
            words = [words[1], "--help"];
        // A command that is to be tried: `alpha dry-run -- up` is `up --dry-run`.
        var tries = words is ["alpha", "dry-run", ..];
        if (tries)
            words = [.. words.Skip(2).SkipWhile(static word => word == "--")];
        if (words.Count == 0 || words[0] is "help" or "--help" or "-h")
        {
            if (_flags.Version.Value)
                return await RunAsync(ComposeVersionCommand.Entry, "compose version", session, [], help, tries: false).ConfigureAwait(false);
            session.Out.Write(help.OfCommand(Entry, "compose", flags));
            return 0;
        }
        if (ComposeTable.Find(words) is ({ } entry, var path, var used))
            return await RunAsync(entry, path, session, words.GetRange(used, words.Count - used), help, tries).ConfigureAwait(false);
        return ShowGroup(session, words) ?? Unknown(session, words);
    }

    private static int? ShowGroup(CommandSession session, List<string> words)
    {
        var name = string.Join(' ', words.TakeWhile(static word => !word.StartsWith('-')));
        var (group, summary) = ComposeTable.Groups.FirstOrDefault(group => group.Name == name);
        if (group is null)
            return null;
        var text = new StringBuilder($"Usage:  {session.Program} compose {group} [OPTIONS] COMMAND\n\n{summary}\n\nCommands:\n");
        AppendCommands(text, CommandTable.ChildrenOf($"compose {group}"));
        session.Out.Write(text.Append($"\nRun '{session.Program} compose {group} COMMAND --help' for more information on a command.\n"));
        return 0;
    }

    private static int Unknown(CommandSession session, List<string> words)
    {
        session.PrintError($"unknown {session.Program} command: \"compose {words[0]}\"\n\nRun '{session.Program} compose --help' for more information");
        return 1;
    }

    private async Task<int> RunAsync(CommandEntry entry, string path, CommandSession session, List<string> words, Help help, bool tries)
    {
        var own = new FlagSet { Interspersed = entry.Interspersed };
        var command = (ProjectCommand)entry.Create(own);
        // As with docker, the flag may follow the command too.
        var dryRun = own.Flags.Any(static flag => flag.Name == "dry-run") ? null : own.Bool("dry-run", "Execute command in dry run mode");
        List<string> positional;
        try
        {
            positional = own.Parse(words.ToArray());
        }
        catch (UsageException error)
        {
            session.PrintError(error.Message);
            return 1;
        }
        if (own.HelpRequested)
        {
            session.Out.Write(help.OfCommand(entry, path, own));
            return 0;
        }
        if (path is "compose exec" or "compose run" or "compose port" && positional.Count < entry.Count.Least)
        {
            session.PrintError($"requires at least {entry.Count.Least} arg(s), only received {positional.Count}");
            return 1;
        }
        if (entry.Count.Check(positional.Count) is { } wrong)
        {
            session.PrintError(
                $"{session.Program}: '{session.Program} {path}' {wrong}\n\n{help.UsageLine(entry, path)}\n\nRun '{session.Program} {path} --help' for more information");
            return 1;
        }
        var composing = new ComposeSession(session, _flags, tries || (dryRun?.Value ?? false));
        try
        {
            return await command.RunAsync(composing, positional).ConfigureAwait(false);
        }
        catch (Exception error) when (ProgressChoice.IsJson(composing) && CommandLine.Describe(error, session) is { Length: > 0 } message)
        {
            session.PrintError(PlainProgress.Failure(message));
            return CommandLine.ExitCodeOf(error);
        }
    }

    private static string ListCommands()
    {
        var text = new StringBuilder("\nManagement Commands:\n");
        AppendCommands(text, ComposeTable.Groups.Where(static group => !group.Name.Contains(' ', StringComparison.Ordinal) && group.Name != "alpha"));
        text.Append("\nCommands:\n");
        AppendCommands(text, ComposeTable.Entries.Select(static entry => (Name: entry.Paths[0]["compose ".Length..], entry.Summary))
            .Where(static entry => !entry.Name.Contains(' ', StringComparison.Ordinal)));
        return text.ToString();
    }

    private static void AppendCommands(StringBuilder text, IEnumerable<(string Name, string Summary)> commands)
    {
        var sorted = commands.OrderBy(static command => command.Name, StringComparer.Ordinal).ToArray();
        var column = sorted.Max(static command => command.Name.Length);
        foreach (var (name, summary) in sorted)
            text.Append("  ").Append(name.PadRight(column)).Append("   ").Append(summary).Append('\n');
    }
}
