using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>A proxy that knows only CONNECT, and only who gives a name and a password. It knows hosts that nobody else does.</summary>
internal sealed class TunnelProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;

    public TunnelProxy()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Authority => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Where a host with its port really is on loopback.</summary>
    public ConcurrentDictionary<string, int> Hosts { get; } = new();

    /// <summary>The hosts that were asked for with the right name and password.</summary>
    public ConcurrentQueue<string> Tunnels { get; } = new();

    /// <summary>What an authorization for it looks like.</summary>
    public static string Authorization { get; } = "Basic " + Convert.ToBase64String("proxy:s@cret"u8);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is being stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        await Task.Yield();
        using var owned = client;
        var stream = client.GetStream();
        try
        {
            while (await ReadHeadAsync(stream) is { } head)
            {
                var words = head.Split(' ', 3);
                if (!head.Contains($"Proxy-Authorization: {Authorization}\r\n", StringComparison.OrdinalIgnoreCase))
                {
                    await WriteAsync(stream, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0");
                }
                else if (words[0] != "CONNECT" || !Hosts.TryGetValue(words[1], out var port))
                {
                    await WriteAsync(stream, "502 Bad Gateway\r\nContent-Length: 0");
                }
                else
                {
                    Tunnels.Enqueue(words[1]);
                    await WriteAsync(stream, "200 Connection established");
                    await TunnelAsync(stream, port);
                    return;
                }
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // One of both ends went away.
        }
    }

    private async Task TunnelAsync(NetworkStream stream, int port)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, port, _stopping.Token);
        var far = server.GetStream();
        await Task.WhenAny(stream.CopyToAsync(far, _stopping.Token), far.CopyToAsync(stream, _stopping.Token));
    }

    private async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stopping.Token) == 0)
                return null;
            head.Append((char)one[0]);
        }
        return head.ToString();
    }

    private async Task WriteAsync(NetworkStream stream, string status) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n\r\n"), _stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }
}
