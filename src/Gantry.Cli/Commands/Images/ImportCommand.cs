using Gantry.Cli.Flags;
using Gantry.Cli.Output.Progress;
using Gantry.Cli.Session;
using Gantry.Client.Streams;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>import</c>: makes an image of a root file system in an archive.</summary>
internal sealed class ImportCommand(FlagSet flags) : Command
{
    private readonly ListFlag<string> _change = flags.List("change", 'c', "Apply an instruction of a Dockerfile to the image");
    private readonly ValueFlag<string> _message = flags.String("message", 'm', "Set the commit message of the image");
    private readonly ValueFlag<string> _platform = flags.String("platform", "Set the platform if the server is multi-platform capable");

    public static CommandEntry Entry => new(
        ["image import", "import"], "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        "Import the contents from a tarball to create a filesystem image",
        new ArgumentCount(1, int.MaxValue), static flags => new ImportCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var source = arguments[0];
        var name = arguments.Count > 1 ? ImageReference.Parse(arguments[1]) : null;
        var isUrl = source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal);
        using var file = source == "-" || isUrl ? null : FileArgument.Open(source);
        var options = new ImportOptions
        {
            Source = isUrl ? source : "-",
            Repository = name?.Name ?? "",
            Tag = name?.Tag ?? "",
            Message = _message.Value,
            Platform = _platform.Value,
            Changes = _change.Values,
        };
        using var messages = await session.Client.ImportImageAsync(options, isUrl ? null : file ?? session.Context.Input).ConfigureAwait(false);
        await ProgressDisplay.ShowAsync(session, messages).ConfigureAwait(false);
        return 0;
    }
}
