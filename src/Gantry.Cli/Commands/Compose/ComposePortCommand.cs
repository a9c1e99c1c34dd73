using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose port</c>: tells where a port of a service is published.</summary>
internal sealed class ComposePortCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<long> _index = flags.Int("index", "Index of the container if service has multiple replicas");
    private readonly ValueFlag<string> _protocol = flags.String("protocol", "tcp or udp", "tcp");

    public static CommandEntry Entry =>
        new(["compose port"], "[OPTIONS] SERVICE PRIVATE_PORT", "Print the public port for a port binding", ArgumentCount.Exactly(2), static flags =>
            new ComposePortCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        if (!ushort.TryParse(arguments[1].Split('/')[0], out var port))
            throw new ComposeException($"strconv.ParseUint: parsing \"{arguments[1]}\": invalid syntax");
        var (_, name) = session.ProjectOrName([]);
        var container = await session.QuietEngine().FindAsync(name, arguments[0], (int)_index.Value, all: false).ConfigureAwait(false);
        var published = container.Ports.FirstOrDefault(other => other.PrivatePort == port && other.Type == _protocol.Value && other.PublicPort > 0)
            ?? throw new ComposeException(
                $"no port {port}/{_protocol.Value} for container {container.Name()}: {string.Join(", ", container.Ports.Where(static other => other.PublicPort > 0).Select(static other => $"{other.PublicPort}/{other.Type}"))}");
        session.Session.Print($"{(published.IP?.Contains(':', StringComparison.Ordinal) == true ? $"[{published.IP}]" : published.IP)}:{published.PublicPort}");
        return 0;
    }
}
