using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume import</c>: makes a volume of an archive.</summary>
internal sealed class VolumeImportCommand(FlagSet flags) : Command
{
    private readonly ListFlag<string> _label = flags.List("label", "Label of a new volume");

    public static CommandEntry Entry => new(
        ["volume import"], "[OPTIONS] VOLUME [FILE|-]",
        "Unpack a tar archive into a new volume, or an empty one",
        new ArgumentCount(1, 2), static flags => new VolumeImportCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var isInput = arguments.Count == 1 || arguments[1] == "-";
        if (isInput && session.Context.Terminal.InputIsTerminal)
            throw new CommandException("the archive is to come from stdin, but that is a terminal: name a file or redirect");
        using var file = isInput ? null : FileArgument.Open(arguments[1]);
        var volume = await session.Client.ImportVolumeAsync(arguments[0], _label.Values, file ?? session.Context.Input).ConfigureAwait(false);
        session.Print(volume.Name);
        return 0;
    }
}
