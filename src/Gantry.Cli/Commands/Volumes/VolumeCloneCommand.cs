using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume clone</c>: copies what is in a volume to a new one.</summary>
internal sealed class VolumeCloneCommand(FlagSet flags) : Command
{
    private readonly ListFlag<string> _label = flags.List("label", "Label of the new volume, instead of those of the source");

    public static CommandEntry Entry => new(
        ["volume clone"], "[OPTIONS] SOURCE [VOLUME]",
        "Copy the files of a volume to a new volume, by reference where the file system can",
        new ArgumentCount(1, 2), static flags => new VolumeCloneCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var volume = await session.Client.CloneVolumeAsync(arguments[0], arguments.Count == 2 ? arguments[1] : "", _label.Values).ConfigureAwait(false);
        session.Print(volume.Name);
        return 0;
    }
}
