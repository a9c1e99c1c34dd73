using System.Runtime.InteropServices;
using Gantry.Cli.Flags;
using Gantry.Compose.Model;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose watch</c>: brings a project up, and follows the changes of its files.</summary>
internal sealed class ComposeWatchCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _noUp = flags.Bool("no-up", "Do not build & start services before watching");
    private readonly BoolFlag _quiet = flags.Bool("quiet", "hide build output");

    public static CommandEntry Entry => new(
        ["compose watch"], "[SERVICE...]", "Watch build context for service and rebuild/refresh containers when files are updated", ArgumentCount.Any, static flags => new ComposeWatchCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.RefuseDryRun();
        var project = session.Load(arguments);
        if (!_noUp.Value)
            await UpAsync(session, project, [], build: false).ConfigureAwait(false);
        using var end = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        void Tell(string line)
        {
            session.Session.Print(line);
            session.Session.Flush();
        }

        try
        {
            await new ProjectWatch(session.QuietEngine(), project, Tell, service => UpAsync(session, project, [service.Name], build: true)).RunAsync(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        return 0;
    }

    private Task UpAsync(ComposeSession session, Project project, IReadOnlyList<string> services, bool build) => session.RunAsync("Running", async engine =>
    {
        var builder = session.Builder(engine, project, _quiet.Value);
        if (build)
            await builder([.. services.Select(project.Service)]).ConfigureAwait(false);
        var options = new UpOptions { Services = services, RecreateDependencies = RecreatePolicy.Never, IgnoreOrphans = true };
        var prepared = await new ProjectUp(engine, new ImageEnsurer(engine, session.FindCredentials, builder)).PrepareAsync(project, options).ConfigureAwait(false);
        await prepared.StartAsync(engine, options).ConfigureAwait(false);
    });
}
