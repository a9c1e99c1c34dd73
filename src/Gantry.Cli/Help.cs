using System.Text;
using Gantry.Cli.Commands;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli;

/// <summary>The help texts, in docker's layout.</summary>
/// <param name="program">The program's name.</param>
/// <param name="terminal">Where they are shown: it is asked for its width when there is a text.</param>
internal sealed class Help(string program, IUserTerminal terminal)
{
    private int Width => terminal.Size?.Columns ?? 80;

    /// <summary>The usage line of a command.</summary>
    public string UsageLine(CommandEntry entry, string path) =>
        $"Usage:  {program} {path}{(entry.Usage.Length > 0 ? " " : "")}{entry.Usage.Replace("{0}", program, StringComparison.Ordinal)}";

    /// <summary>The help of a command.</summary>
    public string OfCommand(CommandEntry entry, string path, FlagSet flags)
    {
        var text = new StringBuilder().Append(UsageLine(entry, path)).Append("\n\n").Append(entry.Summary).Append('\n');
        if (entry.Paths.Count > 1)
            text.Append("\nAliases:\n  ").AppendJoin(", ", entry.Paths.Select(other => $"{program} {other}")).Append('\n');
        if (flags.Flags.Any(static flag => !flag.Hidden))
            text.Append("\nOptions:\n").Append(FlagHelp.Format(flags.Flags, Width));
        return text.Append(entry.Details?.Invoke()).ToString();
    }

    /// <summary>The help of a management group.</summary>
    public string OfGroup(string group, string summary)
    {
        var text = new StringBuilder($"Usage:  {program} {group} COMMAND\n\n{summary}\n\nCommands:\n");
        AppendCommands(text, CommandTable.ChildrenOf(group));
        return text.Append($"\nRun '{program} {group} COMMAND --help' for more information on a command.\n").ToString();
    }

    /// <summary>The help of the program.</summary>
    public string OfProgram(FlagSet flags, IReadOnlyList<(string Name, string Summary)> further)
    {
        var text = new StringBuilder($"Usage:  {program} [OPTIONS] COMMAND\n\nRuns containers from images\n\nCommon Commands:\n");
        var all = CommandTable.Entries.Select(static entry => (Name: entry.NameIn(null)!, entry.Summary)).Where(static entry => entry.Name is not null)
            .ToArray();
        var common = CommandTable.CommonCommands;
        AppendCommands(text, common.SelectMany(name => all.Where(entry => entry.Name == name)), sort: false);
        text.Append("\nManagement Commands:\n");
        AppendCommands(text, CommandTable.Groups.Where(static group => CommandTable.NameIn(null, group.Name) is not null));
        text.Append("\nCommands:\n");
        AppendCommands(text, all.Where(entry => !common.Contains(entry.Name)).Concat(further));
        text.Append("\nGlobal Options:\n").Append(FlagHelp.Format(flags.Flags, Width));
        return text.Append($"\nRun '{program} COMMAND --help' for more information on a command.\n").ToString();
    }

    private static void AppendCommands(StringBuilder text, IEnumerable<(string Name, string Summary)> commands, bool sort = true)
    {
        var list = (sort ? commands.OrderBy(static command => command.Name, StringComparer.Ordinal) : commands).ToArray();
        var column = Math.Max(11, list.Length == 0 ? 0 : list.Max(static command => command.Name.Length));
        foreach (var (name, summary) in list)
            text.Append("  ").Append(name.PadRight(column)).Append(' ').Append(summary).Append('\n');
    }
}
