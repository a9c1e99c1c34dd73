using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gantry.Api.Hosting;

/// <summary>
/// Connection middleware that counts open connections, all and those of each client, and closes what is too much at once. Without it, a
/// client that opens thousands and sends nothing would take the daemon's descriptors, and so everybody's.
/// </summary>
internal sealed class ConnectionLimiter(int all, int ofClient)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _clients = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Runs a connection, or returns at once, which closes it.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var client = ClientOf(connection);
        if (!TryEnter(client)) return;
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(client);
        }
    }

    internal bool TryEnter(string client)
    {
        lock (_gate)
        {
            var own = _clients.GetValueOrDefault(client);
            if (_count >= all || own >= ofClient) return false;
            _clients[client] = own + 1;
            _count++;
            return true;
        }
    }

    internal void Leave(string client)
    {
        lock (_gate)
        {
            _count--;
            if (--_clients[client] == 0) _clients.Remove(client);
        }
    }

    private static string ClientOf(ConnectionContext connection) => connection.RemoteEndPoint switch
    {
        IPEndPoint remote => remote.Address.ToString(),
        _ => connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket ? PeerOf(socket) : "",
    };

    /// <summary>The process and user at the other end of a unix socket, as they were when it connected (unix(7), SO_PEERCRED).</summary>
    private static string PeerOf(Socket socket)
    {
        const int SOL_SOCKET = 1, SO_PEERCRED = 17, CredentialSize = 12;
        Span<byte> credentials = stackalloc byte[CredentialSize];
        try
        {
            socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, credentials);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return ""; // Gone already.
        }
        var process = BinaryPrimitives.ReadInt32LittleEndian(credentials);
        var user = BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]);
        return string.Create(CultureInfo.InvariantCulture, $"{process}/{user}");
    }
}
