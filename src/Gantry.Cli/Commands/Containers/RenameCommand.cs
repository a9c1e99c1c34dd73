using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>rename</c>: gives a container another name.</summary>
internal sealed class RenameCommand : Command
{
    public static CommandEntry Entry => new(
        ["container rename", "rename"], "CONTAINER NEW_NAME",
        "Rename a container",
        ArgumentCount.Exactly(2), static _ => new RenameCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (arguments[0].Trim().Length == 0 || arguments[1].Trim().Length == 0)
            throw new CommandException("Error: Neither old nor new names may be empty");
        try
        {
            await session.Client.RenameContainerAsync(arguments[0], arguments[1]).ConfigureAwait(false);
            return 0;
        }
        catch (ClientException error)
        {
            session.PrintError($"Error response from daemon: {error.Message}");
            throw new CommandException($"Error: failed to rename container named {arguments[0]}");
        }
    }
}
