using System.Net.Sockets;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>A shipper over one socket, which it opens with the first line.</summary>
/// <param name="address">Where to.</param>
/// <param name="encode">The messages of a line.</param>
internal sealed class SocketShipper(LogAddress address, Func<LogEntry, IEnumerable<byte[]>> encode) : ILogShipper
{
    private readonly byte[] _nothing = new byte[1];
    private Socket? _socket;

    /// <inheritdoc/>
    public async Task SendAsync(LogEntry entry, CancellationToken cancellation)
    {
        _socket ??= await address.ConnectAsync(cancellation);
        // A receiver that closed its side takes what is sent once more, and throws it away: that is looked for before.
        if (!address.IsDatagram && _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0 && _socket.Receive(_nothing, SocketFlags.Peek) == 0)
            throw new IOException($"{address.Protocol}://{address.Host}:{address.Port} closed the connection");
        foreach (var message in encode(entry))
        {
            for (ReadOnlyMemory<byte> rest = message; rest.Length > 0;)
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellation)..];
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        return ValueTask.CompletedTask;
    }
}
