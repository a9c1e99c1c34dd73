using Gantry.Cli.Flags;
using Gantry.Compose.Model;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary>A command that does one thing with the containers of services.</summary>
internal abstract class ServiceCommand(string title) : ProjectCommand
{
    private string _note = "";

    /// <inheritdoc/>
    public sealed override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (project, name) = session.ProjectOrName(arguments);
        project?.Check(arguments);
        await session.RunAsync(title, engine => ActAsync(new ProjectActions(engine), name, project, arguments)).ConfigureAwait(false);
        if (_note.Length > 0)
            session.Session.Error.Write(_note);
        return 0;
    }

    /// <summary>Has something told at the end, as it is.</summary>
    protected void Note(string text) => _note = text;

    /// <summary>Does the thing.</summary>
    protected abstract Task ActAsync(ProjectActions actions, string name, Project? project, IReadOnlyList<string> services);
}

/// <summary><c>compose start</c>: starts containers that are there.</summary>
internal sealed class ComposeStartCommand(FlagSet flags) : ServiceCommand("Starting")
{
    private readonly BoolFlag _wait = flags.Bool("wait", "Wait for services to be running|healthy. Implies detached mode.");
    private readonly ValueFlag<long> _waitTimeout = flags.Int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy");

    public static CommandEntry Entry =>
        new(["compose start"], "[SERVICE...]", "Start services", ArgumentCount.Any, static flags => new ComposeStartCommand(flags));

    protected override Task ActAsync(ProjectActions actions, string name, Project? project, IReadOnlyList<string> services)
    {
        project?.Select(services);
        return actions.StartAsync(name, project, services, _wait.Value, _waitTimeout.Value > 0 ? TimeSpan.FromSeconds(_waitTimeout.Value) : null);
    }
}

/// <summary><c>compose stop</c>: stops containers.</summary>
internal sealed class ComposeStopCommand(FlagSet flags) : ServiceCommand("Stopping")
{
    private readonly ValueFlag<long> _timeout = flags.Int("timeout", 't', "Specify a shutdown timeout in seconds");

    public static CommandEntry Entry =>
        new(["compose stop"], "[OPTIONS] [SERVICE...]", "Stop services", ArgumentCount.Any, static flags => new ComposeStopCommand(flags));

    protected override Task ActAsync(ProjectActions actions, string name, Project? project, IReadOnlyList<string> services) =>
        actions.StopAsync(name, project, services, _timeout.Changed ? _timeout.Value : null);
}

/// <summary><c>compose restart</c>: restarts containers.</summary>
internal sealed class ComposeRestartCommand(FlagSet flags) : ServiceCommand("Restarting")
{
    private readonly BoolFlag _noDependencies = flags.Bool("no-deps", "Don't restart dependent services");
    private readonly ValueFlag<long> _timeout = flags.Int("timeout", 't', "Specify a shutdown timeout in seconds");

    public static CommandEntry Entry =>
        new(["compose restart"], "[OPTIONS] [SERVICE...]", "Restart service containers", ArgumentCount.Any, static flags => new ComposeRestartCommand(flags));

    protected override Task ActAsync(ProjectActions actions, string name, Project? project, IReadOnlyList<string> services) =>
        actions.RestartAsync(name, project, services, _timeout.Changed ? _timeout.Value : null, dependents: !_noDependencies.Value);
}

/// <summary><c>compose kill</c>: sends containers a signal.</summary>
internal sealed class ComposeKillCommand(FlagSet flags) : ServiceCommand("Killing")
{
    private readonly BoolFlag _orphans = flags.Bool("remove-orphans", "Remove containers for services not defined in the Compose file");
    private readonly ValueFlag<string> _signal = flags.String("signal", 's', "SIGNAL to send to the container", "SIGKILL");

    public static CommandEntry Entry =>
        new(["compose kill"], "[OPTIONS] [SERVICE...]", "Force stop service containers", ArgumentCount.Any, static flags => new ComposeKillCommand(flags));

    protected override async Task ActAsync(ProjectActions actions, string name, Project? project, IReadOnlyList<string> services)
    {
        if (!await actions.KillAsync(name, project, services, _signal.Value, _orphans.Value).ConfigureAwait(false))
            Note("no container to kill");
    }
}

/// <summary><c>compose pause</c>: freezes containers.</summary>
internal sealed class ComposePauseCommand() : ServiceCommand("Pausing")
{
    public static CommandEntry Entry => new(["compose pause"], "[SERVICE...]", "Pause services", ArgumentCount.Any, static _ => new ComposePauseCommand());

    protected override Task ActAsync(ProjectActions actions, string name, Project? project, IReadOnlyList<string> services) =>
        actions.PauseAsync(name, services);
}

/// <summary><c>compose unpause</c>: lets frozen containers go on.</summary>
internal sealed class ComposeUnpauseCommand() : ServiceCommand("Unpausing")
{
    public static CommandEntry Entry =>
        new(["compose unpause"], "[SERVICE...]", "Unpause services", ArgumentCount.Any, static _ => new ComposeUnpauseCommand());

    protected override Task ActAsync(ProjectActions actions, string name, Project? project, IReadOnlyList<string> services) =>
        actions.UnpauseAsync(name, services);
}
