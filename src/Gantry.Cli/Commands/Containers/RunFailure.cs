using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Containers;

/// <summary>
/// How <c>run</c> and <c>create</c> fail before the container's own exit code counts: 127 for a program that does not exist, 126 for one that
/// cannot be executed, 125 for everything else.
/// </summary>
internal static class RunFailure
{
    /// <summary>Whether a failure is one that a user is told.</summary>
    public static bool IsExpected(Exception error, CommandSession session) => CommandLine.Describe(error, session) is not null;

    /// <summary>The failure with docker's frame around the message, and the exit code.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="session">The session.</param>
    /// <param name="command">The command that failed, for the hint to its help.</param>
    public static CommandException Explain(Exception error, CommandSession session, string command)
    {
        var message = CommandLine.Describe(error, session)!;
        var exitCode = error is ClientException refusal ? ExitCodeOf(refusal.Message) : 125;
        return new CommandException($"{session.Program}: {message.TrimEnd()}\n\nRun '{session.Program} {command} --help' for more information", exitCode);
    }

    private static int ExitCodeOf(string message)
    {
        if (Contains(message, "executable file not found") || Contains(message, "no such file or directory")
            || Contains(message, "system cannot find the file specified"))
            return 127;
        return Contains(message, "permission denied") || Contains(message, "not a directory") || Contains(message, "is a directory") ? 126 : 125;
    }

    private static bool Contains(string message, string part) => message.Contains(part, StringComparison.OrdinalIgnoreCase);
}
