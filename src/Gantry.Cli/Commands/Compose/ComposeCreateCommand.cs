using Gantry.Cli.Flags;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose create</c>: creates the containers of a project, and starts none.</summary>
internal sealed class ComposeCreateCommand(FlagSet flags) : ProjectCommand
{
    private readonly CreateFlags _create = new(flags);

    public static CommandEntry Entry => new(
        ["compose create"], "[OPTIONS] [SERVICE...]", "Creates containers for a service", ArgumentCount.Any, static flags => new ComposeCreateCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        _create.Check();
        var project = _create.Load(session, arguments, noDependencies: false);
        await session.RunAsync("Creating", engine =>
            new ProjectUp(engine, _create.Images(session, engine, project)).PrepareAsync(project, _create.Options(session, project, arguments)))
                .ConfigureAwait(false);
        return 0;
    }
}
