using System.Text;
using Gantry.Cli.Commands;
using Gantry.Cli.Session;

namespace Gantry.Cli.Completion;

/// <summary><c>completion</c>: prints the script that teaches a shell to complete commands.</summary>
internal sealed class CompletionCommand : Command
{
    public static CommandEntry Entry => new(
        ["completion"], "bash|zsh|fish",
        "Generate the completion script for a shell",
        ArgumentCount.Exactly(1), static _ => new CompletionCommand());

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (arguments[0] is not ("bash" or "zsh" or "fish"))
            throw new CommandException($"there is no completion for {arguments[0]}: it is for bash, zsh and fish");
        using var stream = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"gantry.{arguments[0]}")
            ?? throw new InvalidOperationException("the completion script is not part of the program");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        session.Out.Write(reader.ReadToEnd().Replace("gantry", session.Program, StringComparison.Ordinal));
        return Task.FromResult(0);
    }
}
