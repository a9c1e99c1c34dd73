using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Compose;

/// <summary>A command of <c>compose</c>.</summary>
internal abstract class ProjectCommand : Command
{
    /// <summary>Does what the command is for.</summary>
    /// <param name="session">The daemon, streams and the shared flags.</param>
    /// <param name="arguments">What is not a flag.</param>
    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments);

    /// <inheritdoc/>
    public sealed override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        throw new InvalidOperationException("a command of compose needs the flags of compose");
}
