using Gantry.Cli.Contexts;
using Gantry.Cli.Credentials;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context rm</c>: forgets contexts.</summary>
internal sealed class ContextRemoveCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Force the removal of a context in use");

    public static CommandEntry Entry => new(
        ["context rm", "context remove"], "CONTEXT [CONTEXT...]",
        "Remove one or more contexts",
        ArgumentCount.AtLeast(1), static flags => new ContextRemoveCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var failures = new List<string>();
        foreach (var name in arguments)
        {
            if (Remove(session, name) is { } failure)
                failures.Add(failure);
            else
                session.Print(name);
        }
        return failures.Count == 0 ? Task.FromResult(0) : throw new CommandException(string.Join('\n', failures));
    }

    private string? Remove(CommandSession session, string name)
    {
        if (name == ContextStore.Default)
            return "context \"default\" cannot be removed";
        if (session.Contexts.Find(name) is null && !_force.Value)
            return $"context \"{name}\" does not exist";
        if (session.Settings.Text("currentContext") == name)
        {
            if (!_force.Value)
                return $"context \"{name}\" is in use, set -f flag to force remove";
            new CredentialFile(session.ConfigFolder).SetText("currentContext", "");
        }
        session.Contexts.Remove(name);
        return null;
    }
}
