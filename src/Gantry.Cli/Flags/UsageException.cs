namespace Gantry.Cli.Flags;

/// <summary>The command line itself is wrong. The usage of the command is shown below the message.</summary>
/// <param name="message">What is wrong, in pflag's words, which scripts match.</param>
public sealed class UsageException(string message) : Exception(message);
