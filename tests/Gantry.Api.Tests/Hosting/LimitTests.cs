using System.Net.Sockets;
using System.Text;
using Gantry.Api.Hosting;
using Gantry.Api.Model;
using Gantry.Api.Routing;

namespace Gantry.Api.Tests.Hosting;

/// <summary>What a client may take of the daemon: time, connections, sizes.</summary>
public class LimitTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Headers_that_do_not_come_end_the_connection()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { HeaderTime = s_short, IdleTime = s_short });
        await using var slow = server.Connect();
        await slow.WriteAsync("GET /ping HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray());
        Assert.StartsWith("HTTP/1.1 408", await TestServer.ReadToEndAsync(slow));
        await using var silent = server.Connect();
        Assert.Equal("", await TestServer.ReadToEndAsync(silent));
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { IdleTime = s_short });
        Assert.EndsWith("pong", await server.SendAsync("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    [Fact]
    public async Task A_stream_that_is_silent_is_not_closed()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { HeaderTime = s_short, IdleTime = s_short, BodyTime = s_short });
        Assert.Contains("at last", await server.AskAsync("GET", "/silent"));
    }

    [Fact]
    public async Task A_JSON_body_that_does_not_come_is_refused()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { BodyTime = s_short });
        var answer = await server.SendAsync("POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"Image\":");
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.Contains("did not arrive within 0 seconds", answer);
    }

    [Theory]
    [InlineData("Content-Length: 2000\r\n\r\n")]
    [InlineData("Content-Length: 99999999999\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n7d0\r\n")]
    public async Task A_JSON_body_that_is_too_long_is_refused(string rest)
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { JsonBody = 1000 });
        Assert.Contains("the request body is longer than 1000 bytes",
            await server.SendAsync("POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" + rest + new string(' ', 2000)
                + "\r\n0\r\n\r\n"));
    }

    [Fact]
    public async Task What_requests_hold_of_the_memory_is_bounded_and_given_back()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { Memory = 100_000 });
        string Ask(int objects)
        {
            var body = $$"""{"Image":"x","Env":[{{string.Join(',', Enumerable.Repeat("\"\"", objects))}}]}""";
            return $"POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        }

        for (var i = 0; i < 5; i++)
            Assert.StartsWith("HTTP/1.1 20", await server.SendAsync(Ask(1000)));
        var refused = await server.SendAsync(Ask(5000));
        Assert.StartsWith("HTTP/1.1 503", refused);
        Assert.Contains("not enough memory for this request", refused);
        Assert.StartsWith("HTTP/1.1 20", await server.SendAsync(Ask(1000)));
    }

    [Theory]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 414")]
    [InlineData("GET /ping HTTP/1.1\r\nHost: x\r\nX: {0}\r\n\r\n", "HTTP/1.1 431")]
    public async Task Headers_that_are_too_long_are_refused(string request, string status)
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { Headers = 2000 });
        Assert.StartsWith(status, await server.SendAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, request, new string('a', 3000))));
    }

    [Fact]
    public async Task A_client_has_a_number_of_connections()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { ConnectionsOfClient = 4 });
        var held = new List<NetworkStream>();
        for (var i = 0; i < 4; i++)
        {
            held.Add(server.Connect());
            await held[i].WriteAsync("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            Assert.NotEqual(0, await held[i].ReadAsync(new byte[1000]));
        }
        Assert.Equal("", await server.SendAsync("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"));
        foreach (var connection in held) await connection.DisposeAsync();
        string answer;
        do answer = await server.AskAsync("GET", "/ping"); // The server takes a moment to see that they were closed.
        while (answer.Length == 0);
        Assert.EndsWith("pong", answer);
    }

    [Fact]
    public void A_client_that_has_too_many_does_not_stop_another()
    {
        var limiter = new ConnectionLimiter(all: 8, ofClient: 3);
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => limiter.TryEnter("greedy")));
        Assert.True(limiter.TryEnter("other"));
        limiter.Leave("greedy");
        Assert.True(limiter.TryEnter("greedy"));
        Assert.Equal(4, Enumerable.Range(0, 10).Count(i => limiter.TryEnter($"crowd {i}")));
        limiter.Leave("other");
        Assert.True(limiter.TryEnter("other"));
    }

    [Fact]
    public async Task Archives_are_received_a_number_at_once()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { Uploads = 1 });
        const string Start = "POST /archive HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\n";
        await using var first = server.Connect();
        await first.WriteAsync(Encoding.ASCII.GetBytes(Start + "ab"));
        Assert.Equal((byte)'H', (await ReadSomeAsync(first))[0]); // It has begun: its answer's head came.
        var second = await server.SendAsync(Start + "abcd");
        Assert.StartsWith("HTTP/1.1 503", second);
        Assert.Contains("1 archives are being received already", second);
        await first.WriteAsync("cd"u8.ToArray());
        Assert.Contains("4 bytes", await TestServer.ReadToEndAsync(first));
        Assert.Contains("4 bytes", await server.SendAsync(Start + "abcd"));
    }

    [Fact]
    public async Task An_archive_that_does_not_go_on_is_given_up()
    {
        await using var server = await TestServer.StartAsync(Routes(), limits: new() { UploadPause = s_short });
        Assert.Contains("the archive did not go on",
            await server.SendAsync("POST /quiet-archive HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab"));
    }

    [Fact]
    public async Task The_group_of_the_socket_is_the_one_that_was_given()
    {
        await using var server = await TestServer.StartAsync(Routes(), group: "4242");
        Assert.Equal("660 0:4242", Stat(server.SocketPath));
        var name = File.ReadLines("/etc/group").Select(line => line.Split(':')).First(fields => fields[2] != "0");
        await using var named = await TestServer.StartAsync(Routes(), group: name[0]);
        Assert.Equal($"660 0:{name[2]}", Stat(named.SocketPath));
        var error = await Assert.ThrowsAsync<Oci.GantryException>(() => TestServer.StartAsync(Routes(), group: "no-such-group"));
        Assert.Contains("no such group", error.Message);
    }

    private static string Stat(string path)
    {
        using var stat = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%a %u:%g", path]) { RedirectStandardOutput = true })!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }

    private static async Task<byte[]> ReadSomeAsync(Stream stream)
    {
        var buffer = new byte[1000];
        return buffer[..await stream.ReadAsync(buffer)];
    }

    private static RouteTable Routes() => new RouteTable()
        .Add("GET", "/ping", async call =>
        {
            call.Http.Response.ContentLength = 4;
            await call.Http.Response.Body.WriteAsync("pong"u8.ToArray());
        })
        .Add("GET", "/silent", async call =>
        {
            await call.Http.Response.StartAsync();
            await Task.Delay(10 * s_short);
            await call.Http.Response.Body.WriteAsync("at last"u8.ToArray());
        })
        .Add("POST", "/body", async call =>
        {
            await call.ReadJsonAsync(ApiJson.Wire.ContainerCreateRequest);
            await call.AnswerAsync(200);
        })
        .Add("POST", "/archive", call => ReceiveAsync(call, answerFirst: true))
        .Add("POST", "/quiet-archive", call => ReceiveAsync(call, answerFirst: false));

    private static async Task ReceiveAsync(Api.Requests.ApiCall call, bool answerFirst)
    {
        await using var archive = call.OpenArchive();
        if (answerFirst) await call.Http.Response.BodyWriter.FlushAsync();
        var length = 0;
        var buffer = new byte[10];
        while (await archive.ReadAsync(buffer) is > 0 and var count) length += count;
        await archive.DisposeAsync(); // Before the answer, so that who has it may send the next.
        await call.Http.Response.Body.WriteAsync(Encoding.ASCII.GetBytes($"{length} bytes"));
        await call.Http.Response.CompleteAsync();
    }
}
