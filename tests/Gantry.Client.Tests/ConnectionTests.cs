using System.Net.Sockets;
using System.Text;
using Gantry.Client.Connections;
using Gantry.Client.Streams;

namespace Gantry.Client.Tests;

public class ConnectionTests
{
    public static TheoryData<bool> Blocking => [true, false];

    private static EngineClient Connect(FakeDaemon daemon, bool blocking = true, string? version = null) =>
        new(new EngineConnector(EngineAddress.Parse(daemon.Address), tls: null, blocking), version);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Theory]
    [MemberData(nameof(Blocking))]
    public async Task A_connection_is_used_again(bool blocking)
    {
        using var daemon = new FakeDaemon((_, connection) => connection.Send(FakeDaemon.Response(200, """{"StatusCode":7}""")) > 0);
        using var client = Connect(daemon, blocking);
        for (var i = 0; i < 3; i++)
        {
            using var wait = await client.WaitContainerAsync("c", null);
            Assert.Equal(7, (await wait.ResultAsync()).StatusCode);
        }
        Assert.Equal(1, daemon.Connections);
    }

    [Theory]
    [MemberData(nameof(Blocking))]
    public async Task Chunks_cut_anywhere_make_one_body(bool blocking)
    {
        const string document = """{"StatusCode":42,"Error":null}""";
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var response = new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (var at = 0; at < document.Length;)
            {
                var size = Math.Min(random.Next(1, 12), document.Length - at);
                response.Append($"{size:x}{(random.Next(2) == 0 ? ";ext=1" : "")}\r\n{document.AsSpan(at, size)}\r\n");
                at += size;
            }
            response.Append("0\r\nTrailer: x\r\n\r\n");
            var pieces = Bytes(response.ToString()).Chunk(random.Next(1, 60)).ToArray();
            using var daemon = new FakeDaemon((_, connection) => pieces.All(piece => connection.Send(piece) > 0));
            using var client = Connect(daemon, blocking);
            using (var wait = await client.WaitContainerAsync("c", null))
                Assert.Equal(42, (await wait.ResultAsync()).StatusCode);
            using (var again = await client.WaitContainerAsync("c", null))
                Assert.Equal(42, (await again.ResultAsync()).StatusCode);
            Assert.Equal(1, daemon.Connections);
        }
    }

    [Theory]
    [MemberData(nameof(Blocking))]
    public async Task A_long_body_of_small_and_large_chunks_arrives_whole(bool blocking)
    {
        var random = new Random(4);
        var document = new byte[1_000_000];
        random.NextBytes(document);
        var response = new MemoryStream();
        response.Write(Bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for (var at = 0; at < document.Length;)
        {
            var size = Math.Min(random.Next(1, random.Next(5) == 0 ? 100_000 : 2000), document.Length - at);
            response.Write([.. Bytes($"{size:x}\r\n"), .. document.AsSpan(at, size), .. "\r\n"u8]);
            at += size;
        }
        response.Write(Bytes("0\r\n\r\n"));
        using var daemon = new FakeDaemon((_, connection) => connection.Send(response.ToArray()) > 0);
        using var client = Connect(daemon, blocking);
        using var logs = await client.OpenLogsAsync("c", new LogOptions());
        var body = new MemoryStream();
        await logs.Body.CopyToAsync(body);
        Assert.Equal(document, body.ToArray());
        Assert.True(logs.Body.Completed);
    }

    [Fact]
    public async Task A_streamed_body_goes_out_in_chunks()
    {
        var archive = new byte[200_000];
        new Random(2).NextBytes(archive);
        using var daemon = new FakeDaemon((request, connection) =>
            connection.Send(request.Method == "HEAD" ? Bytes("HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\n\r\n")
                : FakeDaemon.Response(200, "\r\n{\"stream\":\"Loaded\"}\r\n\r\n\r")) > 0);
        using var client = Connect(daemon);
        using var messages = await client.LoadImagesAsync(new MemoryStream(archive), quiet: true, []);
        Assert.NotNull(await messages.NextLineAsync());
        Assert.Null(await messages.NextLineAsync());
        Assert.Equal(archive, daemon.Requests[^1].Body);
    }

    [Theory]
    [MemberData(nameof(Blocking))]
    public async Task A_hijacked_connection_closes_in_one_direction(bool blocking)
    {
        using var daemon = new FakeDaemon((request, connection) =>
        {
            Assert.Equal("tcp", request.Fields["Upgrade"]);
            // The first output comes with the head.
            connection.Send(Bytes("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello "));
            var input = new List<byte>();
            var buffer = new byte[16];
            int read;
            while ((read = connection.Receive(buffer)) > 0)
                input.AddRange(buffer.AsSpan(0, read));
            connection.Send(input.ToArray());
            connection.Shutdown(SocketShutdown.Send);
            return false;
        });
        using var client = Connect(daemon, blocking);
        using var stream = await client.AttachContainerAsync("c", new AttachOptions { Stdin = true, Stdout = true });
        await stream.WriteAsync(Bytes("world"));
        await stream.CloseWriteAsync();
        using var reader = new StreamReader(stream);
        Assert.Equal("hello world", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Aborting_ends_a_blocked_read()
    {
        using var daemon = new FakeDaemon((_, connection) =>
        {
            connection.Send(Bytes("HTTP/1.1 101 UPGRADED\r\n\r\n"));
            return connection.Receive(new byte[1]) > 0;
        });
        using var client = Connect(daemon);
        using var stream = await client.AttachContainerAsync("c", new AttachOptions { Stdout = true });
        var read = Task.Factory.StartNew(() => stream.Read(new byte[1], 0, 1), TaskCreationOptions.LongRunning);
        stream.Abort();
        Assert.Equal(0, await read);
    }

    [Fact]
    public async Task An_error_document_becomes_an_exception()
    {
        using var daemon = new FakeDaemon((_, connection) => connection.Send(FakeDaemon.Response(404, """{"message":"No such container: x"}""")) > 0);
        using var client = Connect(daemon);
        var error = await Assert.ThrowsAsync<ClientException>(() => client.StartContainerAsync("x"));
        Assert.Equal((404, "No such container: x"), (error.Status, error.Message));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("")]
    public async Task A_malformed_answer_is_an_error(string answer)
    {
        using var daemon = new FakeDaemon((_, connection) =>
        {
            connection.Send(Bytes(answer));
            return false;
        });
        using var client = Connect(daemon);
        await Assert.ThrowsAnyAsync<IOException>(() => client.StartContainerAsync("x"));
    }

    [Fact]
    public async Task An_older_daemon_gets_its_own_version()
    {
        using var daemon = new FakeDaemon((request, connection) => connection.Send(request.Target.StartsWith("/v1.44/", StringComparison.Ordinal)
            ? FakeDaemon.Response(200, "[]")
            : FakeDaemon.Response(400, """{"message":"client version 1.51 is too new. Maximum supported API version is 1.44"}""")) > 0);
        using var client = Connect(daemon);
        Assert.Empty(await client.ListContainersAsync(false, null, false, null));
        Assert.Equal("1.44", client.ApiVersion);
        await client.ListContainersAsync(false, null, false, null);
        Assert.Equal(3, daemon.Requests.Count);
    }

    [Fact]
    public async Task Rows_are_here_before_the_list_is_whole()
    {
        using var first = new ManualResetEventSlim();
        using var daemon = new FakeDaemon((_, connection) =>
        {
            connection.Send(Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
            // More than what is read before anything is looked at.
            var row = $$"""{"Id":"one","Names":["/{{new string('n', 20_000)}}"]}""";
            connection.Send(Encoding.UTF8.GetBytes($"{row.Length + 10:x}\r\n[{row},{{\"Id\":\"t\r\n"));
            if (!first.Wait(TimeSpan.FromSeconds(30)))
                return false;
            return connection.Send("5\r\nwo\"}]\r\n0\r\n\r\n"u8) > 0;
        });
        using var client = Connect(daemon);
        var ids = new List<string>();
        using var list = await client.BeginListContainersAsync(true, null, false, null);
        await list.ReadEachAsync(container =>
        {
            ids.Add(container.Id);
            first.Set();
        });
        Assert.Equal(["one", "two"], ids);
        await client.ListContainersAsync(true, null, false, null);
        Assert.Equal(1, daemon.Connections);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{\"Id\":1}]")]
    [InlineData("[{}")]
    [InlineData("")]
    public async Task An_answer_that_is_no_list_is_told(string body)
    {
        using var daemon = new FakeDaemon((_, connection) => connection.Send(FakeDaemon.Response(200, body)) > 0);
        using var client = Connect(daemon);
        var error = await Assert.ThrowsAsync<IOException>(() => client.ListContainersAsync(false, null, false, null));
        Assert.Contains("/containers/json: the daemon's answer is not understood: ", error.Message);
    }

    [Fact]
    public async Task A_fixed_version_is_not_changed()
    {
        using var daemon = new FakeDaemon((_, connection) =>
            connection.Send(FakeDaemon.Response(400, """{"message":"client version 1.99 is too new. Maximum supported API version is 1.44"}""")) > 0);
        using var client = Connect(daemon, version: "1.99");
        await Assert.ThrowsAsync<ClientException>(() => client.ListContainersAsync(false, null, false, null));
        Assert.Single(daemon.Requests);
    }

    [Fact]
    public async Task Nobody_there_is_told_apart()
    {
        using var client = new EngineClient(new EngineConnector(EngineAddress.Parse("unix:///nonexistent/gantry.sock"), null, blocking: true));
        var error = await Assert.ThrowsAsync<EngineUnreachableException>(() => client.PingAsync());
        Assert.False(error.PermissionDenied);
    }

    [Fact]
    public async Task Reviving_is_tried_once()
    {
        var calls = 0;
        var connector = new EngineConnector(EngineAddress.Parse("unix:///nonexistent/gantry.sock"), null, blocking: true, _ =>
        {
            calls++;
            return ValueTask.FromResult(true);
        });
        using var client = new EngineClient(connector);
        await Assert.ThrowsAsync<EngineUnreachableException>(() => client.StartContainerAsync("x"));
        Assert.Equal(1, calls);
    }
}
