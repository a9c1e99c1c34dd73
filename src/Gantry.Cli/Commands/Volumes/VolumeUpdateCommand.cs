using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume update</c>: changes a volume of a swarm's cluster. An engine without a swarm has none, and says so.</summary>
internal sealed class VolumeUpdateCommand : Command
{
    private VolumeUpdateCommand(FlagSet flags) =>
        flags.String("availability", '\0', "Availability of a cluster volume (\"active\", \"pause\", \"drain\")", "active");

    public static CommandEntry Entry => new(
        ["volume update"], "[OPTIONS] [VOLUME]",
        "Update a volume (cluster volumes only)",
        ArgumentCount.Exactly(1), static flags => new VolumeUpdateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        await session.Client.InspectVolumeRawAsync(arguments[0]).ConfigureAwait(false);
        throw new CommandException("can only update cluster volumes");
    }
}
