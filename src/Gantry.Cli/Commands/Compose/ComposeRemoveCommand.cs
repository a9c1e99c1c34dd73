using Gantry.Cli.Flags;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose rm</c>: removes stopped containers.</summary>
internal sealed class ComposeRemoveCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Don't ask to confirm removal");
    private readonly BoolFlag _stop = flags.Bool("stop", 's', "Stop the containers, if required, before removing");
    private readonly BoolFlag _volumes = flags.Bool("volumes", 'v', "Remove any anonymous volumes attached to containers");

    public static CommandEntry Entry =>
        new(["compose rm"], "[OPTIONS] [SERVICE...]", "Removes stopped service containers", ArgumentCount.Any, static flags => new ComposeRemoveCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (project, name) = session.ProjectOrName(arguments);
        project?.Check(arguments);
        if (_stop.Value)
            await session.RunAsync("Stopping", engine => new ProjectActions(engine).StopAsync(name, project, arguments, null)).ConfigureAwait(false);
        var stopped = await new ProjectActions(session.QuietEngine()).StoppedAsync(name, arguments).ConfigureAwait(false);
        if (stopped.Count == 0)
        {
            session.Session.PrintError("No stopped containers");
            return 0;
        }
        var question = $"Going to remove {string.Join(", ", stopped.Select(static container => container.Name()))}";
        if (_force.Value)
            session.Session.Print(question);
        else if (!session.Confirm(question + "\nAre you sure?"))
            return 0;
        session.Session.Flush();
        await session.RunAsync("Removing", engine => new ProjectActions(engine).RemoveAsync([.. stopped], _volumes.Value)).ConfigureAwait(false);
        return 0;
    }
}
