using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>system dial-stdio</c>: a connection to the daemon on standard input and output; the other end of <c>ssh://</c> addresses.</summary>
internal sealed class DialStdioCommand : Command
{
    private const int BufferSize = 64 << 10;

    public static CommandEntry Entry => new(
        ["system dial-stdio"], "",
        "Proxy the stdio stream to the daemon connection",
        ArgumentCount.None, static _ => new DialStdioCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        using var connection = await session.Connector.OpenStreamAsync(CancellationToken.None).ConfigureAwait(false);
        await PumpAsync(session, connection, connection.CloseWrite).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Passes on what comes, both ways, until the other side has ended.</summary>
    public static async Task PumpAsync(CommandSession session, Stream connection, Action closeWrite)
    {
        // A thread of its own: reading standard input ends with the other side, and need not be waited for.
        var upward = new Thread(() =>
        {
            try
            {
                session.Context.Input.CopyTo(connection, BufferSize);
                closeWrite();
            }
            catch (IOException)
            {
                // The daemon has closed: the other direction ends, too.
            }
        }) { IsBackground = true };
        upward.Start();
        await connection.CopyToAsync(session.Context.Output, BufferSize).ConfigureAwait(false);
    }
}
