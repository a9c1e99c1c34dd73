namespace Gantry.Cli;

/// <summary>A command failed: the message goes to standard error as it is.</summary>
/// <param name="message">What the user is told; empty when it was already said.</param>
/// <param name="exitCode">The exit code of the program.</param>
public sealed class CommandException(string message, int exitCode = 1) : Exception(message)
{
    /// <summary>The exit code of the program.</summary>
    public int ExitCode { get; } = exitCode;
}
