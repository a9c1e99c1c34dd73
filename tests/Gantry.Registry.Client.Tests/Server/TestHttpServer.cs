using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gantry.Registry.Client.Tests.Server;

/// <summary>A request as it came.</summary>
internal sealed record TestRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Path => Target.Split('?')[0];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The decoded values of a query parameter.</summary>
    public IReadOnlyList<string> Query(string name) => [.. (Target.Split('?', 2) is [_, var query] ? query : "").Split('&')
        .Select(pair => pair.Split('=', 2)).Where(pair => pair[0] == name && pair.Length == 2).Select(pair =>
            Uri.UnescapeDataString(pair[1]))];

    public override string ToString() => $"{Method} {Target}";
}

/// <summary>What to answer, and how to misbehave in doing so.</summary>
internal sealed record TestResponse(int Status, byte[] Body)
{
    public List<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Closes the connection after so many bytes of the body.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Falls silent after so many bytes of the body.</summary>
    public int? StallAfter { get; init; }

    /// <summary>A Content-Length that may be a lie.</summary>
    public long? DeclaredLength { get; init; }

    /// <summary>Sends the body in chunks, without a length.</summary>
    public bool Chunked { get; init; }

    /// <summary>Goes on sending zeros after the body, until the client has enough.</summary>
    public bool Endless { get; init; }

    public static TestResponse Text(int status, string text = "", params (string, string)[] headers) =>
        new(status, Encoding.UTF8.GetBytes(text)) { Headers = [.. headers] };
}

/// <summary>An HTTP/1.1 server on raw sockets, which can break off, stall and lie wherever a test wants it to.</summary>
internal sealed class TestHttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Func<TestRequest, TestResponse> _answer;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Task _accepting;

    public TestHttpServer(Func<TestRequest, TestResponse> answer, SslServerAuthenticationOptions? tls = null)
    {
        (_answer, _tls) = (answer, tls);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Authority => $"127.0.0.1:{Port}";

    public ConcurrentQueue<TestRequest> Requests { get; } = new();

    public X509Certificate? LastClientCertificate { get; private set; }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server is being stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        using var owned = socket;
        socket.NoDelay = true;
        try
        {
            await using Stream stream = await OpenAsync(socket);
            while (await ReadAsync(stream) is { } request)
            {
                Requests.Enqueue(request);
                if (!await WriteAsync(stream, request, _answer(request)))
                    return;
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or SocketException
            or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // The client went away, or does not trust the certificate: its test says whether that is right.
        }
    }

    private async Task<Stream> OpenAsync(Socket socket)
    {
        var network = new NetworkStream(socket);
        if (_tls is null)
            return network;
        var secured = new SslStream(network);
        await secured.AuthenticateAsServerAsync(_tls, _stopping.Token);
        LastClientCertificate = secured.RemoteCertificate;
        return secured;
    }

    private async Task<TestRequest?> ReadAsync(Stream stream)
    {
        var head = await ReadLineAsync(stream);
        if (string.IsNullOrEmpty(head))
            return null;
        var parts = head.Split(' ');
        if (parts.Length != 3)
        {
            // What a web server says to a client that speaks TLS to it.
            await stream.WriteAsync("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n"u8.ToArray(),
                _stopping.Token);
            return null;
        }
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(stream) is { Length: > 0 } line)
            headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stopping.Token);
        return new TestRequest(parts[0], parts[1], headers, body);
    }

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stopping.Token) == 1)
        {
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
            if (line.Length == 6 && line[0] == '\u0016')
                return line.ToString();
        }
        return null;
    }

    /// <summary>False when the connection is to be closed.</summary>
    private async Task<bool> WriteAsync(Stream stream, TestRequest request, TestResponse response)
    {
        var head = new StringBuilder($"HTTP/1.1 {response.Status} {(HttpStatusCode)response.Status}\r\n");
        foreach (var (name, value) in response.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (response.Chunked || response.Endless && response.DeclaredLength is null)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (!response.Headers.Exists(header => header.Name == "Content-Length"))
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {response.DeclaredLength ?? response.Body.Length}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), _stopping.Token);
        if (request.Method == "HEAD" || response.Status is 204 or 304)
            return true;
        var end = Math.Min(response.CutAfter ?? int.MaxValue, Math.Min(response.StallAfter ?? int.MaxValue, response.Body.Length));
        var framed = response.Chunked || response.Endless && response.DeclaredLength is null;
        await WriteBodyAsync(stream, response.Body.AsMemory(0, end), framed);
        await stream.FlushAsync(_stopping.Token);
        if (response.StallAfter is not null)
            await Task.Delay(Timeout.Infinite, _stopping.Token);
        if (response.CutAfter is not null)
            return false;
        while (response.Endless)
            await WriteBodyAsync(stream, new byte[64 << 10], framed);
        if (framed)
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), _stopping.Token);
        return response.DeclaredLength is null || response.DeclaredLength == response.Body.Length;
    }

    private async Task WriteBodyAsync(Stream stream, ReadOnlyMemory<byte> data, bool framed)
    {
        if (data.IsEmpty)
            return;
        if (framed)
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{data.Length:x}\r\n"), _stopping.Token);
        await stream.WriteAsync(data, _stopping.Token);
        if (framed)
            await stream.WriteAsync("\r\n"u8.ToArray(), _stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }
}
