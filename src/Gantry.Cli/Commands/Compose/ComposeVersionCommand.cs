using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose version</c>: tells whose compose this is, and of which docker compose it has labels and hashes.</summary>
internal sealed class ComposeVersionCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', "Format the output. Values: [pretty | json]. (Default: pretty)");
    private readonly BoolFlag _short = flags.Bool("short", "Shows only Compose's version number");

    public static CommandEntry Entry => new(
        ["compose version"], "[OPTIONS]", "Show the Docker Compose version information", ArgumentCount.Any, static flags => new ComposeVersionCommand(flags));

    public override Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        const string version = Gantry.Compose.Planning.Labels.ComposeVersion;
        session.Session.Print(_short.Value ? version : _format.Value == "json" ? $"{{\"version\":\"{version}\"}}"
            : $"Docker Compose version {version}-gantry{ProgramVersion.Text}");
        return Task.FromResult(0);
    }
}
