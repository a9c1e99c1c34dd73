using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Planning;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose run</c>: runs one command of a service in a container of its own.</summary>
internal sealed class ComposeRunCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _build = flags.Bool("build", "Build image before starting container");
    private readonly ListFlag<string> _capAdd = flags.List("cap-add", "Add Linux capabilities");
    private readonly ListFlag<string> _capDrop = flags.List("cap-drop", "Drop Linux capabilities");
    private readonly BoolFlag _detach = flags.Bool("detach", 'd', "Run container in background and print container ID");
    private readonly ValueFlag<string> _entrypoint = flags.String("entrypoint", "Override the entrypoint of the image");
    private readonly ListFlag<string> _environment = flags.List("env", 'e', "Set environment variables");
    private readonly ListFlag<string> _environmentFiles = flags.List("env-from-file", "Set environment variables from file");
    private readonly BoolFlag _interactive = flags.Add(
        new BoolFlag("interactive", 'i', "Keep STDIN open even if not attached (default true)") { Value = true });
    private readonly ListFlag<string> _labels = flags.List("label", 'l', "Add or override a label");
    private readonly ValueFlag<string> _name = flags.String("name", "Assign a name to the container");
    private readonly BoolFlag _noDependencies = flags.Bool("no-deps", "Don't start linked services");
    private readonly BoolFlag _noTty = ComposeExecCommand.NoTerminal(flags, "Disable pseudo-TTY allocation (default: auto-detected)");
    private readonly ListFlag<string> _publish = flags.List("publish", 'p', "Publish a container's port(s) to the host");
    private readonly ValueFlag<string> _pull = flags.String("pull", "Pull image before running (\"always\"|\"missing\"|\"never\")", "policy");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Don't print anything to STDOUT");
    private readonly BoolFlag _quietBuild = flags.Bool("quiet-build", "Suppress progress output from the build process");
    private readonly BoolFlag _quietPull = flags.Bool("quiet-pull", "Pull without printing progress information");
    private readonly BoolFlag _removeOrphans = flags.Bool("remove-orphans", "Remove containers for services not defined in the Compose file");
    private readonly BoolFlag _remove = flags.Bool("rm", "Automatically remove the container when it exits");
    private readonly BoolFlag _servicePorts = flags.Bool("service-ports", 'P', "Run command with all service's ports enabled and mapped to the host");
    private readonly BoolFlag _tty = flags.Add(new BoolFlag("tty", 't', "Allocate a pseudo-TTY") { Value = true, Hidden = true });
    private readonly BoolFlag _useAliases = flags.Bool("use-aliases", "Use the service's network useAliases in the network(s) the container connects to");
    private readonly ValueFlag<string> _user = flags.String("user", 'u', "Run as specified username or uid");
    private readonly ListFlag<string> _volumes = flags.List("volume", 'v', "Bind mount a volume");
    private readonly ValueFlag<string> _folder = flags.String("workdir", 'w', "Working directory inside the container");

    public static CommandEntry Entry => new(
        ["compose run"], "[OPTIONS] SERVICE [COMMAND] [ARGS...]", "Run a one-off command on a service", ArgumentCount.AtLeast(1), static flags =>
            new ComposeRunCommand(flags))
    {
        Interspersed = false,
    };

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.RefuseDryRun("run");
        CreateFlags.CheckPull(_pull.Value);
        if (_publish.Values.Count > 0 && _servicePorts.Value)
            throw new ComposeException("--service-ports and --publish are incompatible");
        var service = arguments[0];
        var project = _noDependencies.Value ? session.LoadAlone([service]) : session.Load([service]);
        if (_pull.Value is not "policy")
            project.Service(service).Definition["pull_policy"] = Gantry.Compose.Values.ScalarValue.Of(_pull.Value);
        BuildPlatform.Apply(project.Service(service), project.Variables);
        var terminal = session.Session.Context.Terminal;
        var tty = _tty.Value && !_noTty.Value && !_detach.Value && terminal.InputIsTerminal && terminal.OutputIsTerminal;
        var options = Options(session, arguments, tty);
        // What is made for the command itself is not told of, as with docker; -q keeps quiet about the rest too.
        var id = await RunAsync(session, engine =>
            new OneOffRunner(engine, new ImageEnsurer(engine, session.FindCredentials, session.Builder(engine, project, _quietBuild.Value))
        {
            AlwaysBuild = _build.Value,
            Quiet = _quietPull.Value,
        }).CreateAsync(project, service, options,
            new UpOptions { RemoveOrphans = _removeOrphans.Value, IgnoreOrphans = session.IsSet("COMPOSE_IGNORE_ORPHANS") })).ConfigureAwait(false);
        if (_detach.Value)
        {
            await session.Session.Client.StartContainerAsync(id).ConfigureAwait(false);
            session.Session.Print(id);
            return 0;
        }
        return await new ForegroundContainer(session.Session, id, tty, options.Interactive) { IsRemoved = _remove.Value }.RunAsync().ConfigureAwait(false);
    }

    private Task<string> RunAsync(ComposeSession session, Func<EngineAccess, Task<string>> work) =>
        _quiet.Value ? work(session.QuietEngine()) : session.RunAsync("Running", work);

    private OneOffOptions Options(ComposeSession session, IReadOnlyList<string> arguments, bool tty) => new()
    {
        Command = [.. arguments.Skip(1)],
        Entrypoint = _entrypoint.Changed ? _entrypoint.Value : null,
        AutoRemove = _remove.Value,
        Tty = tty,
        Interactive = _interactive.Value && !_detach.Value,
        Detach = _detach.Value,
        Name = _name.Value,
        User = _user.Value,
        WorkingFolder = _folder.Value,
        Environment = Gantry.Cli.Commands.Containers.Creating.VariableFile.ReadEnvironment(_environmentFiles.Values, _environment.Values, name =>
            session.Environment.GetValueOrDefault(name)) ?? [],
        Labels = _labels.Values,
        CapAdd = _capAdd.Values,
        CapDrop = _capDrop.Values,
        Volumes = _volumes.Values,
        Publish = _publish.Values,
        ServicePorts = _servicePorts.Value,
        UseAliases = _useAliases.Value,
        NoDependencies = _noDependencies.Value,
    };
}
