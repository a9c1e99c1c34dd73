using Gantry.Cli.Flags;
using Gantry.Cli.Output.Progress;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>load</c>: reads images from an archive.</summary>
internal sealed class LoadCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _input = flags.String("input", 'i', "Read from a tar archive file, instead of STDIN");
    private readonly ListFlag<string> _platform = flags.List("platform", "Load only this platform (os/arch[/variant])");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Suppress the load output");

    public static CommandEntry Entry => new(
        ["image load", "load"], "[OPTIONS]",
        "Load an image from a tar archive or STDIN",
        ArgumentCount.None, static flags => new LoadCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        using var file = OpenInput(session);
        var terminal = session.Context.Terminal.OutputIsTerminal;
        var platforms = PlatformText.ToJson(_platform.Values);
        using var messages = await session.Client.LoadImagesAsync(file ?? session.Context.Input, _quiet.Value || !terminal, platforms).ConfigureAwait(false);
        await ProgressDisplay.ShowAsync(session, messages).ConfigureAwait(false);
        return 0;
    }

    private FileStream? OpenInput(CommandSession session)
    {
        if (_input.Value.Length > 0)
            return FileArgument.Open(_input.Value);
        return session.Context.Terminal.InputIsTerminal ? throw new CommandException("requested load from stdin, but stdin is empty") : null;
    }
}
