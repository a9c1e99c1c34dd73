using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Swarm;

/// <summary>
/// A command of swarm mode. Gantry runs containers on one host, so the engine is asked for its swarm, and its refusal is what is shown: in the words
/// that scripts know from docker. Flags are only read over, since nothing is done with them.
/// </summary>
internal sealed class SwarmCommand : Command
{
    private readonly string _path;
    private readonly ValueFlag<string>? _format;
    private readonly BoolFlag? _pretty;

    /// <param name="path">What the command is called.</param>
    /// <param name="flags">Gets the flags.</param>
    /// <param name="switches">The names of those that have no value, with a + where the first letter is the short form; every other is taken to have a
    /// value.</param>
    public SwarmCommand(string path, FlagSet flags, string switches)
    {
        _path = path;
        flags.PassesOverUnknown = true;
        foreach (var name in switches.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var flag = flags.Add(new BoolFlag(name.TrimEnd('+'), name.EndsWith('+') ? name[0] : '\0', "") { Hidden = true });
            _pretty = name == "pretty" ? flag : _pretty;
        }
        _format = path.EndsWith(" inspect", StringComparison.Ordinal) ? flags.String("format", 'f', FormatHelp.Document) : null;
    }

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (_path is "swarm init" or "swarm join")
            throw new CommandException(NotServed(session));
        try
        {
            await session.Client.InspectSwarmRawAsync().ConfigureAwait(false);
        }
        catch (ClientException error)
        {
            // What docker prints before it says what is wrong.
            if (_format is not null && _pretty is not { Value: true })
                session.Out.Write(_format.Value.Length > 0 ? "\n" : "[]\n");
            throw new CommandException(_path switch
            {
                "swarm leave" => "Error response from daemon: This node is not part of a swarm",
                "swarm unlock" => "Error: This node is not part of a swarm",
                "swarm unlock-key" => $"could not fetch unlock key: Error response from daemon: {error.Message}",
                "service scale" => string.Join('\n', arguments.Select(argument => $"{argument.Split('=')[0]}: Error response from daemon: {error.Message}")),
                _ => $"Error response from daemon: {error.Message}",
            });
        }
        throw new CommandException(NotServed(session));
    }

    private string NotServed(CommandSession session) =>
        $"{session.Program} {_path}: there is no swarm mode in Gantry, which runs containers on one host; `{session.Program} compose` runs several services on it";
}
