using System.Net.Sockets;
using System.Text;
using Gantry.Api.Hijacking;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;

namespace Gantry.Api.Tests.Hijacking;

public class HijackedStreamTests
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\n";

    [Theory]
    [InlineData("/v1.50/echo", Upgrade, "HTTP/1.1 101 UPGRADED\r\n", "application/vnd.docker.multiplexed-stream")]
    [InlineData("/v1.41/echo", Upgrade, "HTTP/1.1 101 UPGRADED\r\n", "application/vnd.docker.raw-stream")]
    [InlineData("/v1.50/echo", "", "HTTP/1.1 200 OK\r\n", "application/vnd.docker.raw-stream")]
    public async Task The_head_is_dockers(string path, string headers, string status, string type)
    {
        await using var server = await TestServer.StartAsync(Echo());
        await using var connection = server.Connect();
        await Send(connection, $"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        var head = await ReadHeadAsync(connection);
        Assert.StartsWith(status, head);
        Assert.Contains($"Content-Type: {type}\r\n", head);
    }

    [Theory]
    [InlineData(Upgrade)]
    [InlineData("")]
    public async Task A_request_with_a_body_can_be_taken_and_input_may_come_with_it(string headers)
    {
        await using var server = await TestServer.StartAsync(Echo());
        await using var connection = server.Connect();
        const string Body = """{"Detach":false}""";
        await Send(connection,
            $"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n{headers}\r\n{Body}early ");
        await ReadHeadAsync(connection);
        await Send(connection, "late");
        connection.Socket.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(connection);
        Assert.Equal("early late", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task A_body_in_chunks_is_read_to_its_end()
    {
        await using var server = await TestServer.StartAsync(Echo());
        await using var connection = server.Connect();
        await Send(connection, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{} \r\n0\r\n\r\nin");
        await ReadHeadAsync(connection);
        connection.Socket.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(connection);
        Assert.Equal("in", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Output_goes_on_after_the_client_ended_its_input()
    {
        var ended = new TaskCompletionSource();
        var routes = new RouteTable().Add("POST", "/late", async call =>
        {
            var stream = await HijackedStream.OpenAsync(call, multiplexed: false);
            while (true)
            {
                var input = await stream.Input.ReadAsync();
                stream.Input.AdvanceTo(input.Buffer.End);
                if (input.IsCompleted) break;
            }
            Assert.False(call.Aborted.IsCancellationRequested);
            ended.SetResult();
            for (var i = 0; i < 50; i++) await stream.Output.WriteAsync(new byte[1000]);
        });
        await using var server = await TestServer.StartAsync(routes);
        await using var connection = server.Connect();
        await Send(connection, "POST /late HTTP/1.1\r\nHost: x\r\n\r\nabc");
        await ReadHeadAsync(connection);
        connection.Socket.Shutdown(SocketShutdown.Send);
        await ended.Task;
        var all = new MemoryStream();
        await connection.CopyToAsync(all);
        Assert.Equal(50_000, all.Length);
    }

    [Fact]
    public async Task Megabytes_pass_in_both_directions()
    {
        await using var server = await TestServer.StartAsync(Echo());
        await using var connection = server.Connect();
        await Send(connection, $"POST /echo HTTP/1.1\r\nHost: x\r\n{Upgrade}\r\n");
        await ReadHeadAsync(connection);
        var sent = new byte[8 * 1024 * 1024];
        new Random(7).NextBytes(sent);
        var writing = Task.Run(async () =>
        {
            await connection.WriteAsync(sent);
            connection.Socket.Shutdown(SocketShutdown.Send);
        });
        var received = new MemoryStream();
        await connection.CopyToAsync(received);
        await writing;
        Assert.Equal(sent, received.ToArray());
    }

    [Fact]
    public async Task A_client_that_goes_away_from_an_ordinary_request_cancels_it()
    {
        var cancelled = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var routes = new RouteTable().Add("GET", "/wait", async call =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, call.Aborted);
            }
            catch (OperationCanceledException)
            {
                cancelled.SetResult();
                throw;
            }
        });
        await using var server = await TestServer.StartAsync(routes);
        await using (var connection = server.Connect())
        {
            await Send(connection, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
            await started.Task;
        }
        await cancelled.Task;
    }

    private static RouteTable Echo() => new RouteTable().Add("POST", "/echo", EchoAsync);

    private static async Task EchoAsync(ApiCall call)
    {
        await call.ReadOptionalJsonAsync(ApiJson.Wire.ExecStartRequest);
        var stream = await HijackedStream.OpenAsync(call, multiplexed: true);
        while (true)
        {
            var input = await stream.Input.ReadAsync();
            foreach (var segment in input.Buffer) await stream.Output.WriteAsync(segment);
            stream.Input.AdvanceTo(input.Buffer.End);
            if (input.IsCompleted) return;
        }
    }

    private static async Task Send(NetworkStream connection, string text) => await connection.WriteAsync(Encoding.UTF8.GetBytes(text));

    private static async Task<string> ReadHeadAsync(NetworkStream connection)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await connection.ReadAsync(one) == 0) throw new EndOfStreamException(head.ToString());
            head.Append((char)one[0]);
        }
        return head.ToString();
    }
}
