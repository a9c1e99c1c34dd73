using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose build</c>: builds the images of services.</summary>
internal sealed class ComposeBuildCommand(FlagSet flags) : ProjectCommand
{
    private readonly ListFlag<string> _arguments = flags.List("build-arg", "Set build-time variables for services");
    private readonly ValueFlag<string> _builder = flags.String("builder", "Set builder to use: Gantry has one, \"default\"");
    private readonly BoolFlag _check = flags.Bool("check", "Check build configuration");
    private readonly ValueFlag<long> _memory = flags.Bytes("memory", 'm', "Set memory limit for the build container");
    private readonly BoolFlag _noCache = flags.Bool("no-cache", "Do not use cache when building the image");
    private readonly BoolFlag _print = flags.Bool("print", "Print equivalent bake file");
    private readonly ValueFlag<string> _provenance = flags.String("provenance", "Add a provenance attestation");
    private readonly BoolFlag _pull = flags.Bool("pull", "Always attempt to pull a newer version of the image");
    private readonly BoolFlag _push = flags.Bool("push", "Push service images");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Suppress the build output");
    private readonly ValueFlag<string> _sbom = flags.String("sbom", "Add a SBOM attestation");
    private readonly ListFlag<string> _ssh = flags.List(
        "ssh", "Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)");
    private readonly BoolFlag _dependencies = flags.Bool("with-dependencies", "Also build dependencies (transitively)");

    public static CommandEntry Entry =>
        new(["compose build"], "[OPTIONS] [SERVICE...]", "Build or rebuild services", ArgumentCount.Any, static flags => new ComposeBuildCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        if (_builder.Value is not ("" or "default"))
            throw new ComposeException($"no builder \"{_builder.Value}\" found");
        if (_check.Value)
            session.RefuseDryRun("build --check");
        var project = _dependencies.Value ? session.Load(arguments) : session.LoadAlone(arguments);
        var services = project.Services.Values.Where(static service => service.Map("build") is not null).ToArray();
        var changes = new BuildChanges { NoCache = _noCache.Value, Pull = _pull.Value, Memory = _memory.Value, Agents = _ssh.Values,
            Arguments = Arguments(session), Provenance = _provenance.Value, Sbom = _sbom.Value, OnlyChecks = _check.Value };
        if (services.Length == 0)
            session.Warn("No services to build");
        foreach (var service in services)
            BuildPlatform.Apply(service, project.Variables);
        if (_print.Value)
        {
            session.Session.Print(BakeFile.Write(project, services, changes));
            return 0;
        }
        return await session.RunAsync("Building", engine => BuildAsync(session, engine, project, services, changes)).ConfigureAwait(false);
    }

    private async Task<int> BuildAsync(ComposeSession session, EngineAccess engine, Project project, Service[] services, BuildChanges changes)
    {
        var builds = new ServiceBuilds(session, engine, project) { Quiet = _quiet.Value, Changes = changes };
        await builds.BuildAsync(services).ConfigureAwait(false);
        if (_check.Value)
        {
            session.Session.Out.Write(string.Join('\n', builds.Answers.Select(static answer => $"{answer.Key}\n\n{answer.Value.Text}")));
            return builds.Answers.Values.Max(static answer => (int?)answer.ExitCode) ?? 0;
        }
        if (!_push.Value)
            return 0;
        await new ImagePusher(engine, session.FindCredentials).PushAsync(project, [.. services.Where(static service => service.Image.Length > 0)])
            .ConfigureAwait(false);
        return 0;
    }

    private Dictionary<string, string> Arguments(ComposeSession session)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var argument in _arguments.Values)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
                values[argument[..equals]] = argument[(equals + 1)..];
            else if (session.Environment.TryGetValue(argument, out var value))
                values[argument] = value;
        }
        return values;
    }
}
