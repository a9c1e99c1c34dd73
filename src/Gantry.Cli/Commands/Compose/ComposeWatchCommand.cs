using System.Runtime.InteropServices;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose watch</c>: brings a project up, and follows the changes of its files.</summary>
internal sealed class ComposeWatchCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _noUp = flags.Bool("no-up", "Do not build & start services before watching");
    private readonly BoolFlag _prune = flags.Add(new BoolFlag("prune", '\0', "Prune dangling images on rebuild (default true)") { Value = true });
    private readonly BoolFlag _quiet = flags.Bool("quiet", "hide build output");

    public static CommandEntry Entry => new(
        ["compose watch", "compose alpha watch"], "[SERVICE...]", "Watch build context for service and rebuild/refresh containers when files are updated",
        ArgumentCount.Any, static flags => new ComposeWatchCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.RefuseDryRun("watch");
        var project = session.Load(arguments);
        var watched = new WatchedUp(session, project, _quiet.Value) { Prunes = _prune.Value };
        watched.Check();
        if (!_noUp.Value)
            await watched.UpAsync([], build: true).ConfigureAwait(false);
        using var end = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await watched.RunAsync(end.Token).ConfigureAwait(false);
        return 130;
    }
}
