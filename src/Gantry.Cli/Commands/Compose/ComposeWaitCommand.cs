using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose wait</c>: waits until the first of some services' containers ends.</summary>
internal sealed class ComposeWaitCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _down = flags.Bool("down-project", "Drops project when the first container stops");

    public static CommandEntry Entry => new(
        ["compose wait"], "SERVICE [SERVICE...] [OPTIONS]", "Block until containers of all (or specified) services stop.", ArgumentCount.AtLeast(1),
        static flags => new ComposeWaitCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (project, name) = session.ProjectOrName(arguments);
        var engine = session.QuietEngine();
        var containers = await engine.ListAsync(name, false, all: false, arguments).ConfigureAwait(false);
        if (containers.Count == 0)
            throw new ComposeException($"no containers for project \"{name}\"");
        var waits = containers.Select(container => Task.Run(async () =>
        {
            using var wait = await engine.Client.WaitContainerAsync(container.Id, "not-running").ConfigureAwait(false);
            var code = (int)(await wait.ResultAsync().ConfigureAwait(false)).StatusCode;
            lock (session)
                session.Session.Print($"container \"{container.Id}\" exited with status code {code}");
            return code;
        })).ToArray();
        int exitCode;
        if (_down.Value)
        {
            exitCode = await (await Task.WhenAny(waits).ConfigureAwait(false)).ConfigureAwait(false);
            session.Session.Flush();
            await session.RunAsync("Running", access => new ProjectDown(access).DownAsync(name, project, new DownOptions { RemoveOrphans = true }))
                .ConfigureAwait(false);
        }
        else
        {
            exitCode = (await Task.WhenAll(waits).ConfigureAwait(false))[^1];
        }
        return exitCode;
    }
}
