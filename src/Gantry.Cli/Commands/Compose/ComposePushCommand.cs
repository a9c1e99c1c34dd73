using System.Collections.Concurrent;
using Gantry.Cli.Flags;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose push</c>: pushes the images of services that are built.</summary>
internal sealed class ComposePushCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _ignoreFailures = flags.Bool("ignore-push-failures", "Push what it can and ignores images with push failures");
    private readonly BoolFlag _dependencies = flags.Bool("include-deps", "Also push images of services declared as dependencies");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Push without printing progress information");

    public static CommandEntry Entry =>
        new(["compose push"], "[OPTIONS] [SERVICE...]", "Push service images", ArgumentCount.Any, static flags => new ComposePushCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var project = _dependencies.Value ? session.Load(arguments) : session.LoadAlone(arguments);
        var failures = new ConcurrentQueue<string>();
        await session.RunAsync("Pushing", engine => new ImagePusher(_quiet.Value ? session.QuietEngine() : engine, session.FindCredentials)
        {
            Tolerate = _ignoreFailures.Value ? (service, error) => failures.Enqueue($"Pushing {service.Name}: {error.Message}") : null,
        }.PushAsync(project, [.. project.Services.Values])).ConfigureAwait(false);
        // Below the display of what was done.
        foreach (var failure in failures.Where(_ => !_quiet.Value))
            session.Session.PrintError(failure);
        return 0;
    }
}
