using System.Net.Sockets;
using System.Text;
using Gantry.Api.Hosting;
using Gantry.Api.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.Api.Tests;

/// <summary>A server on a unix socket of its own, and raw connections to it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-api-").FullName;
    private readonly ApiServer _server;

    private TestServer(RouteTable routes, TimeSpan grace, ApiLimits limits, string? group)
    {
        SocketPath = Path.Combine(_folder, "api.sock");
        _server = new ApiServer(
            new ApiServerOptions { Listen = [new ListenAddress.Unix(SocketPath)], EngineVersion = "0.1.0", StopGrace = grace, Limits = limits,
                SocketGroup = group }, routes, NullLoggerFactory.Instance);
    }

    public string SocketPath { get; }

    public ApiServer Server => _server;

    public static async Task<TestServer> StartAsync(RouteTable routes, TimeSpan? grace = null, ApiLimits? limits = null, string? group = null)
    {
        var server = new TestServer(routes, grace ?? TimeSpan.FromMilliseconds(100), limits ?? new(), group);
        await server._server.StartAsync(CancellationToken.None);
        return server;
    }

    public NetworkStream Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Sends a request on a connection of its own and returns all that comes until the server closes.</summary>
    public async Task<string> AskAsync(string method, string path, string headers = "", string body = "")
    {
        await using var connection = Connect();
        if (body.Length > 0) headers += $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        await connection.WriteAsync(Encoding.UTF8.GetBytes($"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n{body}"));
        using var reader = new StreamReader(connection);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Sends bytes on a connection of its own and returns all that comes until the server closes.</summary>
    public async Task<string> SendAsync(string bytes)
    {
        await using var connection = Connect();
        await connection.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        return await ReadToEndAsync(connection);
    }

    /// <summary>All that comes until the server closes, which it may do by a reset.</summary>
    public static async Task<string> ReadToEndAsync(Stream connection)
    {
        var all = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await connection.ReadAsync(buffer) is > 0 and var count) all.Write(buffer, 0, count);
        }
        catch (IOException)
        {
            // A reset: the server had not read all that was sent.
        }
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
