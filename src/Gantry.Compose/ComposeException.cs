namespace Gantry.Compose;

/// <summary>A compose file, a project or a request is wrong, or what was asked for failed: a message for the user.</summary>
/// <param name="message">What is wrong and where, in docker compose's words where it has some.</param>
/// <param name="exitCode">The exit code of the command.</param>
public sealed class ComposeException(string message, int exitCode = 1) : Exception(message)
{
    /// <summary>The exit code of the command.</summary>
    public int ExitCode { get; } = exitCode;
}
