using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>pause</c>: freezes containers.</summary>
internal sealed class PauseCommand : Command
{
    public static CommandEntry Entry => new(
        ["container pause", "pause"], "CONTAINER [CONTAINER...]",
        "Pause all processes within one or more containers",
        ArgumentCount.AtLeast(1), static _ => new PauseCommand());

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Targets.ForEachAsync(session, arguments, name => session.Client.PauseContainerAsync(name));
}
