using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>stop</c>: asks containers to end, and kills those that do not in time.</summary>
internal sealed class StopCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _signal = flags.String("signal", 's', "Signal to send to the container");
    private readonly ValueFlag<long> _timeout = flags.Int("timeout", 't', "Seconds to wait before killing the container");
    private readonly ValueFlag<long> _time = flags.Add(
        new ValueFlag<long>("time", '\0', "int", "Former name of --timeout", FlagValues.ParseInt64, 0) { Hidden = true });

    public static CommandEntry Entry => new(
        ["container stop", "stop"], "[OPTIONS] CONTAINER [CONTAINER...]",
        "Stop one or more running containers",
        ArgumentCount.AtLeast(1), static flags => new StopCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        long? timeout = _timeout.Changed ? _timeout.Value : _time.Changed ? _time.Value : null;
        return Targets.ForEachAsync(session, arguments, name => session.Client.StopContainerAsync(name, _signal.Value, timeout));
    }
}
