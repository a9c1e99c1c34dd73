using System.Text;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

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
        if (words.Count == 0 || words[0] is "help")
        {
            if (_flags.Version.Value)
                return await RunAsync(ComposeVersionCommand.Entry, session, [], help).ConfigureAwait(false);
            session.Out.Write(help.OfCommand(Entry, "compose", flags));
            return 0;
        }
        if (ComposeTable.Find(words[0]) is { } entry)
            return await RunAsync(entry, session, words.GetRange(1, words.Count - 1), help).ConfigureAwait(false);
        session.PrintError($"unknown {session.Program} command: \"compose {words[0]}\"\n\nRun '{session.Program} compose --help' for more information");
        return 1;
    }

    private async Task<int> RunAsync(CommandEntry entry, CommandSession session, List<string> words, Help help)
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
            session.PrintError($"{error.Message}\n\n{help.UsageLine(entry, entry.Paths[0])}\n\nRun '{session.Program} {entry.Paths[0]} --help' for more information");
            return 16;
        }
        if (own.HelpRequested)
        {
            session.Out.Write(help.OfCommand(entry, entry.Paths[0], own));
            return 0;
        }
        if (entry.Paths[0] is "compose exec" or "compose run" or "compose port" && positional.Count < entry.Count.Least)
        {
            session.PrintError($"requires at least {entry.Count.Least} arg(s), only received {positional.Count}");
            return 1;
        }
        if (entry.Count.Check(positional.Count) is { } wrong)
        {
            session.PrintError($"{session.Program}: '{session.Program} {entry.Paths[0]}' {wrong}\n\n{help.UsageLine(entry, entry.Paths[0])}\n\nRun '{session.Program} {entry.Paths[0]} --help' for more information");
            return 1;
        }
        return await command.RunAsync(new ComposeSession(session, _flags, dryRun?.Value ?? false), positional).ConfigureAwait(false);
    }

    private static string ListCommands()
    {
        var text = new StringBuilder("\nCommands:\n");
        var entries = ComposeTable.Entries.Select(static entry => (Name: entry.Paths[0]["compose ".Length..], entry.Summary)).OrderBy(static entry => entry.Name, StringComparer.Ordinal).ToArray();
        var column = entries.Max(static entry => entry.Name.Length);
        foreach (var (name, summary) in entries)
            text.Append("  ").Append(name.PadRight(column)).Append("   ").Append(summary).Append('\n');
        return text.ToString();
    }
}
