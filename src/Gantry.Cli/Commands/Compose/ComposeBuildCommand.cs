using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Planning;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose build</c>: builds the images of services.</summary>
internal sealed class ComposeBuildCommand(FlagSet flags) : ProjectCommand
{
    private readonly ListFlag<string> _arguments = flags.List("build-arg", "Set build-time variables for services");
    private readonly BoolFlag _noCache = flags.Bool("no-cache", "Do not use cache when building the image");
    private readonly BoolFlag _pull = flags.Bool("pull", "Always attempt to pull a newer version of the image");
    private readonly BoolFlag _push = flags.Bool("push", "Push service images");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Suppress the build output");
    private readonly BoolFlag _dependencies = flags.Bool("with-dependencies", "Also build dependencies (transitively)");

    public static CommandEntry Entry => new(["compose build"], "[OPTIONS] [SERVICE...]", "Build or rebuild services", ArgumentCount.Any, static flags => new ComposeBuildCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.RefuseDryRun();
        var project = _dependencies.Value ? session.Load(arguments) : session.LoadAlone(arguments);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var argument in _arguments.Values)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
                values[argument[..equals]] = argument[(equals + 1)..];
            else if (session.Environment.TryGetValue(argument, out var value))
                values[argument] = value;
        }
        var services = project.Services.Values.Where(static service => service.Map("build") is not null).ToArray();
        if (services.Length == 0)
            session.Warn("No services to build");
        await session.RunAsync("Building", async engine =>
        {
            var builder = new ImageBuilder(engine, project, _quiet.Value ? TextWriter.Null : session.Session.Error, session.FindCredentials)
            {
                NoCache = _noCache.Value, Pull = _pull.Value, Arguments = values,
            };
            foreach (var service in services)
            {
                BuildPlatform.Apply(service, project.Variables);
                await builder.BuildAsync(service, service.ImageOrDefault(project.Name, project.Separator)).ConfigureAwait(false);
                if (_push.Value && service.Image.Length > 0)
                    await new ImagePusher(engine, session.FindCredentials).PushAsync(service.Name, service.Image).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        return 0;
    }
}
