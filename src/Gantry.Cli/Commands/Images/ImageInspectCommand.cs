using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>image inspect</c>: everything about images.</summary>
internal sealed class ImageInspectCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);
    private readonly ValueFlag<string> _platform = flags.String("platform", "Platform of a multi-platform image (os/arch[/variant])");

    public static CommandEntry Entry => new(
        ["image inspect"], "[OPTIONS] IMAGE [IMAGE...]",
        "Display detailed information on one or more images",
        ArgumentCount.AtLeast(1), static flags => new ImageInspectCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var platform = PlatformText.ToJson(_platform.Value);
        return Inspector.RunAsync(session, arguments, _format.Value, "image.InspectResponse", name => session.Client.InspectImageRawAsync(name, platform));
    }
}
