using Gantry.Cli.Flags;
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
        if (_output.Value.Length == 0 && session.Context.Terminal.OutputIsTerminal)
            throw new CommandException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        var platforms = _platform.Values.Select(PlatformText.ToJson).ToArray();
        using var archive = await session.Client.SaveImagesAsync(arguments, platforms).ConfigureAwait(false);
        if (_output.Value.Length == 0)
            await archive.Body.CopyToAsync(session.Context.Output).ConfigureAwait(false);
        else
            await WriteFileAsync(archive.Body, _output.Value).ConfigureAwait(false);
        return 0;
    }

    // The file appears whole or not at all: a broken download must not look like an archive.
    private static async Task WriteFileAsync(Stream archive, string path)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                await archive.CopyToAsync(file).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
