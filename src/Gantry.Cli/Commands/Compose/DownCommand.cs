using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose down</c>: stops and removes a project's containers and networks.</summary>
internal sealed class DownCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _orphans = flags.Bool("remove-orphans", "Remove containers for services not defined in the Compose file");
    private readonly ValueFlag<string> _images = flags.String(
        "rmi", "Remove images used by services. \"local\" remove only images that don't have a custom tag (\"local\"|\"all\")");
    private readonly ValueFlag<long> _timeout = flags.Int("timeout", 't', "Specify a shutdown timeout in seconds");
    private readonly BoolFlag _volumes = flags.Bool(
        "volumes", 'v', "Remove named volumes declared in the \"volumes\" section of the Compose file and anonymous volumes attached to containers");

    public static CommandEntry Entry => new(
        ["compose down"], "[OPTIONS] [SERVICES]", "Stop and remove containers, networks", ArgumentCount.Any, static flags => new DownCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        if (_images.Value is not ("" or "all" or "local"))
            throw new ComposeException($"invalid value for --rmi: \"{_images.Value}\"");
        var (project, name) = session.ProjectOrName([]);
        await session.RunAsync("Running", engine => new ProjectDown(engine).DownAsync(name, project, new DownOptions
        {
            Services = arguments,
            RemoveOrphans = _orphans.Value || session.IsSet("COMPOSE_REMOVE_ORPHANS"),
            Images = _images.Value,
            Timeout = _timeout.Changed ? _timeout.Value : null,
            Volumes = _volumes.Value,
        })).ConfigureAwait(false);
        return 0;
    }
}
