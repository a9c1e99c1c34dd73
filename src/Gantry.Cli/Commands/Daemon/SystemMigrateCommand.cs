using Gantry.Cli.Flags;
using Gantry.Cli.Output.Progress;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Daemon;

/// <summary>
/// <c>system migrate</c>: takes images, volumes and containers over from a Docker on the daemon's host. The exit code is 1 when something could not be.
/// </summary>
internal sealed class SystemMigrateCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _from = flags.String("from", "Root folder of the Docker, with the storage driver overlay2", "/var/lib/docker");
    private readonly BoolFlag _dryRun = flags.Bool("dry-run", "Only tell what would be done");

    public static CommandEntry Entry => new(
        ["system migrate"], "[OPTIONS] [IMAGE|VOLUME|CONTAINER...]",
        "Take images, volumes and containers over from a Docker",
        ArgumentCount.Any, static flags => new SystemMigrateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        using var messages = await session.Client.MigrateAsync(_from.Value, arguments, _dryRun.Value).ConfigureAwait(false);
        await ProgressDisplay.ShowAsync(session, messages).ConfigureAwait(false);
        return 0;
    }
}
