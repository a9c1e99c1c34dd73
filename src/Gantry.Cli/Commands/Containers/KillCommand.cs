using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>kill</c>: sends a signal to containers.</summary>
internal sealed class KillCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _signal = flags.String("signal", 's', "Signal to send to the container");

    public static CommandEntry Entry => new(
        ["container kill", "kill"], "[OPTIONS] CONTAINER [CONTAINER...]",
        "Kill one or more running containers",
        ArgumentCount.AtLeast(1), static flags => new KillCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Targets.ForEachAsync(session, arguments, name => session.Client.KillContainerAsync(name, _signal.Value));
}
