using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume rm</c>: removes volumes.</summary>
internal sealed class VolumeRemoveCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Do not fail for volumes that do not exist");

    public static CommandEntry Entry => new(
        ["volume rm", "volume remove"], "[OPTIONS] VOLUME [VOLUME...]",
        "Remove one or more volumes",
        ArgumentCount.AtLeast(1), static flags => new VolumeRemoveCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Targets.ForEachAsync(session, arguments, name => session.Client.RemoveVolumeAsync(name, _force.Value));
}
