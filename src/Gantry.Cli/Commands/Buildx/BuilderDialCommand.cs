using System.Text;
using Gantry.Cli.Commands.Daemon;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx dial-stdio</c>: BuildKit's API (gRPC) on standard input and output, for clients such as <c>buildctl</c>.</summary>
internal sealed class BuilderDialCommand(FlagSet flags) : Command
{
    private const int MostHead = 1 << 14;
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly ValueFlag<string> _platform = flags.String("platform", "Target platform: there is one node, which builds for all");
    private readonly ValueFlag<string> _progress = flags.String("progress", "Set type of progress output (\"none\": nothing is to be told)", "none");

    public static CommandEntry Entry =>
        new(["buildx dial-stdio"], "", "Proxy current stdio streams to builder instance", ArgumentCount.None, static flags => new BuilderDialCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        _ = (_platform.Value, _progress.Value);
        using var connection = await session.Connector.OpenStreamAsync(CancellationToken.None).ConfigureAwait(false);
        await connection.WriteAsync("POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"u8.ToArray())
            .ConfigureAwait(false);
        var head = ReadHead(connection);
        if (!head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            throw new CommandException($"the daemon does not serve BuildKit's API: {head.Split('\r')[0]}");
        await DialStdioCommand.PumpAsync(session, connection, connection.CloseWrite).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Byte by byte: what follows the head is not ours.</summary>
    private static string ReadHead(Stream connection)
    {
        var head = new StringBuilder();
        while (head.Length < MostHead && !(head.Length > 3 && head[^1] == '\n' && head[^3] == '\n') && connection.ReadByte() is var next and >= 0)
            head.Append((char)next);
        return head.ToString();
    }
}
