using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>save</c>: writes images into an archive.</summary>
internal sealed class SaveCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _output = flags.String("output", 'o', "Write to a file, instead of STDOUT");
    private readonly ListFlag<string> _platform = flags.List("platform", "Save only this platform (os/arch[/variant])");

    public static CommandEntry Entry => new(
        ["image save", "save"], "[OPTIONS] IMAGE [IMAGE...]",
        "Save one or more images to a tar archive (streamed to STDOUT by default)",
        ArgumentCount.AtLeast(1), static flags => new SaveCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        ArchiveOutput.Check(session, _output.Value, "save image");
        var platforms = PlatformText.ToJson(_platform.Values);
        using var archive = await session.Client.SaveImagesAsync(arguments, platforms).ConfigureAwait(false);
        await ArchiveOutput.WriteAsync(session, _output.Value, archive.Body).ConfigureAwait(false);
        return 0;
    }
}
