using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Manifests;

/// <summary><c>manifest rm</c>: deletes local lists.</summary>
internal sealed class ManifestRemoveCommand : Command
{
    public static CommandEntry Entry => new(
        ["manifest rm"], "MANIFEST_LIST [MANIFEST_LIST...]",
        "Delete one or more manifest lists from local storage",
        ArgumentCount.AtLeast(1), static _ => new ManifestRemoveCommand());

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var missing = arguments.Select(ManifestSource.Parse).Where(list => !session.ManifestLists.Remove(list)).ToArray();
        return missing.Length == 0
            ? Task.FromResult(0)
            : throw new CommandException(string.Join('\n', missing.Select(static list => $"No such manifest: {list}")));
    }
}
