using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose up</c>: brings a project up, and unless told otherwise stays with it.</summary>
internal sealed class UpCommand(FlagSet flags) : ProjectCommand
{
    private readonly CreateFlags _create = new(flags);
    private readonly BoolFlag _abort = flags.Bool("abort-on-container-exit", "Stops all containers if any container was stopped. Incompatible with -d");
    private readonly BoolFlag _abortFailure = flags.Bool(
        "abort-on-container-failure", "Stops all containers if any container exited with failure. Incompatible with -d");
    private readonly BoolFlag _recreateDependencies = flags.Bool("always-recreate-deps", "Recreate dependent containers. Incompatible with --no-recreate.");
    private readonly ListFlag<string> _attach = flags.List("attach", "Restrict attaching to the specified services. Incompatible with --attach-dependencies.");
    private readonly BoolFlag _attachDependencies = flags.Bool("attach-dependencies", "Automatically attach to log output of dependent services");
    private readonly BoolFlag _detach = flags.Bool("detach", 'd', "Detached mode: Run containers in the background");
    private readonly ValueFlag<string> _exitCodeFrom = flags.String(
        "exit-code-from", "Return the exit code of the selected service container. Implies --abort-on-container-exit");
    private readonly BoolFlag _menu = flags.Bool("menu",
        "Enable interactive shortcuts when running attached. Incompatible with --detach. Can also be enable/disable by setting COMPOSE_MENU environment var.");
    private readonly ListFlag<string> _noAttach = flags.List("no-attach", "Do not attach (stream logs) to the specified services");
    private readonly BoolFlag _noColor = flags.Bool("no-color", "Produce monochrome output");
    private readonly BoolFlag _noDependencies = flags.Bool("no-deps", "Don't start linked services");
    private readonly BoolFlag _noPrefix = flags.Bool("no-log-prefix", "Don't print prefix in logs");
    private readonly BoolFlag _noStart = flags.Bool("no-start", "Don't start the services after creating them");
    private readonly BoolFlag _renew = flags.Bool(
        "renew-anon-volumes", 'V', "Recreate anonymous volumes instead of retrieving data from the previous containers");
    private readonly BoolFlag _rolling = flags.Bool(
        "rolling", "Replace containers one by one, each when the one before is healthy; keep the old one if it does not get there");
    private readonly ValueFlag<long> _timeout = flags.Int(
        "timeout", 't', "Use this timeout in seconds for container shutdown when attached or when containers are already running");
    private readonly BoolFlag _timestamps = flags.Bool("timestamps", "Show timestamps");
    private readonly BoolFlag _watch = flags.Bool("watch", 'w', "Watch source code and rebuild/refresh containers when files are updated.");
    private readonly BoolFlag _wait = flags.Bool("wait", "Wait for services to be running|healthy. Implies detached mode.");
    private readonly ValueFlag<long> _waitTimeout = flags.Int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy");

    public static CommandEntry Entry => new(
        ["compose up"], "[OPTIONS] [SERVICE...]", "Create and start containers", ArgumentCount.Any, static flags => new UpCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var detached = _detach.Value || _wait.Value || _noStart.Value;
        Check();
        var project = _create.Load(session, arguments, _noDependencies.Value);
        if (project.Services.Count == 0)
            throw new ComposeException("no service selected");
        if (_exitCodeFrom.Value.Length > 0)
            project.Service(_exitCodeFrom.Value);
        var options = _create.Options(session, project, arguments) with
        {
            Inherit = !_renew.Value,
            Rolling = _rolling.Value,
            Timeout = _timeout.Changed ? _timeout.Value : null,
            Wait = _wait.Value,
            WaitTimeout = _waitTimeout.Value > 0 ? TimeSpan.FromSeconds(_waitTimeout.Value) : null,
        };
        if (_recreateDependencies.Value)
            options = options with { RecreateDependencies = RecreatePolicy.Force };
        if (_renew.Value && options.Recreate == RecreatePolicy.Diverged)
            options = options with { Recreate = RecreatePolicy.Force };
        if (session.DryRun && !detached)
            detached = true;
        var prepared = await session.RunAsync("Running", async engine =>
        {
            var ready = await new ProjectUp(engine, _create.Images(session, engine, project)).PrepareAsync(project, options).ConfigureAwait(false);
            if (detached && !_noStart.Value)
                await ready.StartAsync(engine, options).ConfigureAwait(false);
            return ready;
        }).ConfigureAwait(false);
        return detached ? 0 : await StayAsync(session, prepared, options, arguments).ConfigureAwait(false);
    }

    // Flags that exclude each other, in docker's words.
    private void Check()
    {
        var aborts = _abort.Value || _abortFailure.Value || _exitCodeFrom.Value.Length > 0;
        var attaches = _attach.Values.Count > 0 || _attachDependencies.Value;
        if (_abort.Value && _abortFailure.Value)
            throw new ComposeException("cannot combine --abort-on-container-failure and --abort-on-container-exit");
        if (_wait.Value && (_abort.Value || attaches))
            throw new ComposeException("--wait cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies");
        if ((_detach.Value || _wait.Value) && (aborts || attaches || _watch.Value))
            throw new ComposeException(
                "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch");
        if (_attach.Values.Count > 0 && _attachDependencies.Value)
            throw new ComposeException("cannot combine --attach and --attach-dependencies");
        _create.Check();
    }

    private Task<int> StayAsync(ComposeSession session, PreparedProject prepared, UpOptions options, IReadOnlyList<string> arguments)
    {
        var shown = Shown(prepared.Project, arguments);
        var printer = session.NewPrinter(_noColor.Value, !_noPrefix.Value, _timestamps.Value);
        var attached = new AttachedUp(session.QuietEngine(), prepared, printer)
        {
            Shows = shown.Contains,
            Abort = _abort.Value || _exitCodeFrom.Value.Length > 0 ? AbortOn.Exit : _abortFailure.Value ? AbortOn.Failure : AbortOn.Nothing,
            ExitCodeFrom = _exitCodeFrom.Value,
        };
        session.Session.Print(
            $"Attaching to {string.Join(", ", prepared.Containers.Where(container => shown.Contains(container.ServiceName())).Select(static container => container.ShortName()))}");
        session.Session.Flush();
        var menu = _menu.Changed ? _menu.Value : session.Environment.GetValueOrDefault("COMPOSE_MENU", "").ToLowerInvariant() is not ("0" or "false" or "f");
        return new ForegroundProject(session, prepared.Project, attached, printer) { Watch = _watch.Value, Menu = menu }.RunAsync(options);
    }

    private HashSet<string> Shown(Project project, IReadOnlyList<string> arguments)
    {
        IEnumerable<string> services = _attach.Values.Count > 0 ? _attach.Values : arguments.Count > 0 && !_attachDependencies.Value ? arguments
            : project.Services.Keys;
        foreach (var name in _attach.Values.Concat(_noAttach.Values))
            project.Service(name);
        return services.Where(name => _attach.Values.Contains(name)
            || project.Services.TryGetValue(name, out var service) && (service.Definition["attach"] is null || service.Definition.Flag("attach")))
            .Except(_noAttach.Values).ToHashSet(StringComparer.Ordinal);
    }
}
