using Gantry.Cli.Commands;
using Gantry.Cli.Commands.Swarm;
using Gantry.Cli.Completion;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client;
using Gantry.Compose;
using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Cli;

/// <summary>The command line: finds the command, reads its flags, runs it, and turns every failure into a message and an exit code.</summary>
public static class CommandLine
{
    private const int UsageError = 125;
    private const int BrokenPipe = 128 + 13;

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The arguments without the program's name.</param>
    /// <param name="context">What surrounds the program.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, CliContext context)
    {
        if (arguments is [CompletionAnswer.Name, .. var words])
        {
            await CompletionAnswer.RunAsync(words, context).ConfigureAwait(false);
            return 0;
        }
        var options = new GlobalOptions(new FlagSet());
        using var session = new CommandSession(context, options) { Arguments = arguments };
        try
        {
            var exitCode = await DispatchAsync(arguments, session, options).ConfigureAwait(false);
            session.Flush();
            return exitCode;
        }
        catch (OsException error) when (error.Errno == Errno.EPIPE)
        {
            // Whoever read the output has seen enough: `gantry logs c | head`.
            return BrokenPipe;
        }
        catch (Exception error) when (Describe(error, session) is { } message)
        {
            // With --debug also where it failed and what was below it.
            var told = options.TellsMore ? $"{message}\n{error}" : message;
            return Report(session, told, ExitCodeOf(error));
        }
    }

    /// <summary>The message for a failure that a user can be told, or null for a defect of the program.</summary>
    internal static string? Describe(Exception error, CommandSession session) => error switch
    {
        CommandException or ComposeException => error.Message,
        ClientException => $"Error response from daemon: {error.Message}",
        EngineUnreachableException unreachable => DescribeUnreachable(unreachable, session),
        GantryException or IOException or UnauthorizedAccessException => error.Message,
        _ => null,
    };

    /// <summary>The exit code of a command that failed.</summary>
    internal static int ExitCodeOf(Exception error) => error switch
    {
        CommandException failure => failure.ExitCode,
        ComposeException wrong => wrong.ExitCode,
        _ => 1,
    };

    private static string DescribeUnreachable(EngineUnreachableException error, CommandSession session)
    {
        if (error.PermissionDenied)
            return $"permission denied while trying to connect to the daemon socket at {error.Address}";
        // Called as docker, the text is docker's: scripts look for it.
        return session.Program == "docker"
            ? $"Cannot connect to the Docker daemon at {error.Address}. Is the docker daemon running?"
            : $"Cannot connect to the Gantry daemon at {error.Address}. Is '{session.Program} daemon' running?";
    }

    private static async Task<int> DispatchAsync(string[] arguments, CommandSession session, GlobalOptions options)
    {
        // 1. The flags before the command.
        List<string> words;
        var help = new Help(session.Program, session.Context.Terminal);
        try
        {
            words = options.Flags.Parse(arguments);
        }
        catch (UsageException error)
        {
            return ReportUsage(session, error.Message, $"Usage:  {session.Program} [OPTIONS] COMMAND [ARG...]",
                $"Run '{session.Program} --help' for more information");
        }
        if (!options.HasKnownLogLevel)
            return Report(session, $"unable to parse logging level: {options.LogLevel.Value}", 1);
        if (options.Version.Value)
        {
            session.Print($"Docker version {ProgramVersion.Text}, build gantry");
            return 0;
        }
        if (words.Count == 0 || words is ["help"])
        {
            session.Out.Write(help.OfProgram(options.Flags, session.Context.FurtherCommands));
            return 0;
        }

        // 2. The command: `help X` is `X --help`.
        if (words[0] == "help")
            words = [.. words.Skip(1), "--help"];
        if (CommandTable.Find(words) is var (entry, path, used) && entry is not null)
            return await RunCommandAsync(entry, path, words.GetRange(used, words.Count - used), session, help).ConfigureAwait(false);
        return ReportUnknown(words, session, help);
    }

    private static async Task<int> RunCommandAsync(CommandEntry entry, string path, List<string> arguments, CommandSession session, Help help)
    {
        // 3. Its flags and arguments.
        var flags = new FlagSet { Interspersed = entry.Interspersed };
        var command = entry.Create(flags);
        var more = $"'{session.Program} {path} --help' for more information";
        List<string> positional;
        try
        {
            positional = flags.Parse(arguments.ToArray());
        }
        catch (UsageException error)
        {
            // Of compose's own flags docker says no more than what is wrong.
            return path == "compose" ? Report(session, error.Message, 1) : ReportUsage(session, error.Message, help.UsageLine(entry, path), "Run " + more);
        }
        if (flags.HelpRequested)
        {
            session.Out.Write(help.OfCommand(entry, path, flags));
            return 0;
        }
        if (entry.Count.Check(positional.Count) is { } wrong)
        {
            var see = entry.Count.Most == int.MaxValue ? "See " : "Run ";
            ReportUsage(session, $"{session.Program}: '{session.Program} {path}' {wrong}", help.UsageLine(entry, path), see + more);
            return 1;
        }

        // 4. The run itself.
        return await command.RunAsync(session, positional).ConfigureAwait(false);
    }

    private static int ReportUnknown(List<string> words, CommandSession session, Help help)
    {
        // The innermost group that they name.
        var group = CommandTable.Groups.Concat(SwarmTable.Groups)
            .Where(group => (string.Join(' ', words) + " ").StartsWith(group.Name + " ", StringComparison.Ordinal))
            .OrderByDescending(static group => group.Name.Length).FirstOrDefault();
        if (group.Name is null)
        {
            session.PrintError(
                $"{session.Program}: unknown command: {session.Program} {words[0]}{DidYouMean(words[0])}{session.Hint}\n\nRun '{session.Program} --help' for more information");
            return 1;
        }
        words.RemoveRange(0, group.Name.Split(' ').Length);
        if (words is [] or ["--help" or "-h", ..])
        {
            // Help that nobody asked for is none of the output.
            (words.Count == 0 ? session.Error : session.Out).Write(help.OfGroup(group.Name, group.Summary));
            return 0;
        }
        var path = $"{session.Program} {group.Name}";
        if (words[0].StartsWith('-'))
            return ReportUsage(session, $"unknown flag: {words[0]}", $"Usage:  {path} COMMAND", $"Run '{path} --help' for more information");
        session.PrintError(
            $"{session.Program}: unknown command: {path} {words[0]}{session.Hint}\n\nUsage:  {path}{UsageTail(group.Name)}\n\nRun '{path} --help' for more information");
        return 1;
    }

    /// <summary>What docker's usage lines of groups end with.</summary>
    private static string UsageTail(string group) => group switch
    {
        "volume" => " COMMAND",
        "stack" => " [OPTIONS]",
        _ => "",
    };

    /// <summary>The commands whose names are a slip away, if there are any.</summary>
    private static string DidYouMean(string word)
    {
        var near = CommandTable.ChildrenOf(null).Select(static child => child.Name).Distinct()
            .Where(name => Distance(word, name) <= (word.Length < 4 ? 1 : 2)).Order(StringComparer.Ordinal).Take(3).ToList();
        return near.Count == 0 ? "" : $"\n\nDid you mean: {string.Join(", ", near)}?";
    }

    /// <summary>How many letters have to be added, taken away, changed or exchanged with their neighbour to make one word of the other.</summary>
    private static int Distance(string one, string other)
    {
        var table = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }
                var change = table[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(change, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }
        return table[one.Length, other.Length];
    }

    private static int ReportUsage(CommandSession session, string message, string usage, string hint)
    {
        session.PrintError($"{message}{session.Hint}\n\n{usage}\n\n{hint}");
        return UsageError;
    }

    private static int Report(CommandSession session, string message, int exitCode)
    {
        try
        {
            if (message.Length > 0)
                session.PrintError(message + session.Hint);
            session.Flush();
        }
        catch (OsException error) when (error.Errno == Errno.EPIPE)
        {
            // Nobody is left to tell.
        }
        return exitCode;
    }
}
