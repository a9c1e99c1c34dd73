using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context show</c>: the name of the context that commands connect with.</summary>
internal sealed class ContextShowCommand : Command
{
    public static CommandEntry Entry => new(
        ["context show"], "",
        "Print the name of the current context",
        ArgumentCount.None, static _ => new ContextShowCommand());

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        session.Print(session.CurrentContext);
        return Task.FromResult(0);
    }
}
