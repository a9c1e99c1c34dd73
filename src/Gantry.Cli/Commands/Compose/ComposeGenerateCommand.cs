using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Output;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose alpha generate</c>: writes a compose file for containers that are there.</summary>
internal sealed class ComposeGenerateCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output. Values: [yaml | json]", "yaml");
    private readonly ValueFlag<string> _name = flags.String("name", "Project name to set in the Compose file");
    private readonly ValueFlag<string> _folder = flags.String("project-dir", "Directory to use for the project");

    public static CommandEntry Entry => new(
        ["compose alpha generate"], "[OPTIONS] [CONTAINERS...]", "EXPERIMENTAL - Generate a Compose file from existing containers", ArgumentCount.Any,
        static flags => new ComposeGenerateCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.Session.PrintError("generate command is EXPERIMENTAL");
        if (_format.Value is not ("yaml" or "json"))
            throw new ComposeException($"unsupported format \"{_format.Value}\"");
        var name = _name.Value.Length > 0 || _folder.Value.Length == 0 ? _name.Value
            : Path.GetFileName(Path.GetFullPath(_folder.Value).TrimEnd('/')).ToLowerInvariant();
        var project = await new ProjectGenerator(session.QuietEngine()).GenerateAsync(name, arguments).ConfigureAwait(false);
        session.Session.Print(_format.Value == "json" ? ProjectText.ToJson(project) : ProjectText.ToYaml(project));
        return 0;
    }
}
