using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume inspect</c>: everything about volumes.</summary>
internal sealed class VolumeInspectCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);

    public static CommandEntry Entry => new(
        ["volume inspect"], "[OPTIONS] VOLUME [VOLUME...]",
        "Display detailed information on one or more volumes",
        ArgumentCount.AtLeast(1), static flags => new VolumeInspectCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Inspector.RunAsync(session, arguments, _format.Value, "volume.Volume", name => session.Client.InspectVolumeRawAsync(name));
}
