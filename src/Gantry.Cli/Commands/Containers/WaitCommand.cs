using System.Globalization;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>wait</c>: waits until containers have ended and prints their exit codes.</summary>
internal sealed class WaitCommand : Command
{
    public static CommandEntry Entry => new(
        ["container wait", "wait"], "CONTAINER [CONTAINER...]",
        "Block until one or more containers stop, then print their exit codes",
        ArgumentCount.AtLeast(1), static _ => new WaitCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var failed = false;
        // One after the other: the codes come in the order of the names, whichever ends first.
        foreach (var name in arguments)
            failed |= await Targets.ForEachAsync(session, [name], name => WaitAsync(session, name)).ConfigureAwait(false) != 0;
        return failed ? 1 : 0;
    }

    private static async Task<string> WaitAsync(CommandSession session, string name)
    {
        using var wait = await session.Client.WaitContainerAsync(name, condition: null).ConfigureAwait(false);
        var result = await wait.ResultAsync().ConfigureAwait(false);
        return result.Error is { Message.Length: > 0 } error
            ? throw new CommandException(error.Message)
            : result.StatusCode.ToString(CultureInfo.InvariantCulture);
    }
}
