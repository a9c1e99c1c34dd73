using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>diff</c>: what a container changed in its root filesystem.</summary>
internal sealed class DiffCommand : Command
{
    public static CommandEntry Entry => new(
        ["container diff", "diff"], "CONTAINER",
        "Inspect changes to files or directories on a container's filesystem",
        ArgumentCount.Exactly(1), static _ => new DiffCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (arguments[0].Length == 0)
            throw new CommandException("invalid container name or ID: value is empty");
        foreach (var change in await session.Client.ContainerChangesAsync(arguments[0]).ConfigureAwait(false))
            session.Print($"{(change.Kind switch { 0 => 'C', 1 => 'A', _ => 'D' })} {change.Path}");
        return 0;
    }
}
