using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>unpause</c>: lets frozen containers go on.</summary>
internal sealed class UnpauseCommand : Command
{
    public static CommandEntry Entry => new(
        ["container unpause", "unpause"], "CONTAINER [CONTAINER...]",
        "Unpause all processes within one or more containers",
        ArgumentCount.AtLeast(1), static _ => new UnpauseCommand());

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Targets.ForEachAsync(session, arguments, name => session.Client.UnpauseContainerAsync(name));
}
