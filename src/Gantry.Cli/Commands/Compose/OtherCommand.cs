using Gantry.Cli.Flags;
using Gantry.Compose;

namespace Gantry.Cli.Commands.Compose;

/// <summary>Runs a command that is not one of compose.</summary>
internal static class OtherCommand
{
    /// <summary>Runs it.</summary>
    /// <param name="session">The daemon, streams and settings.</param>
    /// <param name="words">Its name, flags and arguments.</param>
    /// <exception cref="ComposeException">This program has no such command.</exception>
    public static Task<int> RunAsync(ComposeSession session, List<string> words)
    {
        var (entry, _, used) = CommandTable.Find(words);
        if (entry is null)
            throw new ComposeException($"{words[0]}: not supported yet");
        var flags = new FlagSet { Interspersed = entry.Interspersed };
        var command = entry.Create(flags);
        var arguments = flags.Parse(words.GetRange(used, words.Count - used).ToArray());
        return command.RunAsync(session.Session, arguments);
    }
}
