using Gantry.Cli.Contexts;
using Gantry.Cli.Credentials;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context use</c>: makes a context the one that commands connect with.</summary>
internal sealed class ContextUseCommand : Command
{
    public static CommandEntry Entry => new(
        ["context use"], "CONTEXT",
        "Set the current context",
        ArgumentCount.Exactly(1), static _ => new ContextUseCommand());

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var name = arguments[0];
        if (name != ContextStore.Default)
            _ = session.Contexts.Get(name);
        new CredentialFile(session.ConfigFolder).SetText("currentContext", name == ContextStore.Default ? "" : name);
        session.Print(name);
        session.PrintError($"Current context is now \"{name}\"");
        if (name != ContextStore.Default && session.Context.Environment("DOCKER_HOST") is { Length: > 0 })
            session.PrintError(
                $"Warning: DOCKER_HOST environment variable overrides the active context. To use \"{name}\", either set the global --context flag, or unset DOCKER_HOST environment variable.");
        return Task.FromResult(0);
    }
}
