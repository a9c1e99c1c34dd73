using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>rm</c>: removes containers.</summary>
internal sealed class RemoveContainerCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _volumes = flags.Bool("volumes", 'v', "Remove anonymous volumes of the container too");
    private readonly BoolFlag _link = flags.Bool("link", 'l', "Remove the named link");
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Kill a running container before (by SIGKILL)");

    public static CommandEntry Entry => new(
        ["container rm", "container remove", "rm"], "[OPTIONS] CONTAINER [CONTAINER...]",
        "Remove one or more containers",
        ArgumentCount.AtLeast(1), static flags => new RemoveContainerCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) => Targets.ForEachAsync(session, arguments, async name =>
    {
        var trimmed = name.Trim('/');
        if (trimmed.Length == 0)
            throw new CommandException("container name cannot be empty");
        try
        {
            await session.Client.RemoveContainerAsync(trimmed, _volumes.Value, _link.Value, _force.Value).ConfigureAwait(false);
            return trimmed;
        }
        catch (ClientException error) when (_force.Value && error.IsNotFound)
        {
            // With --force the container's absence is what was asked for: said, but no failure.
            session.PrintError($"Error response from daemon: {error.Message}");
            return "";
        }
    });
}
