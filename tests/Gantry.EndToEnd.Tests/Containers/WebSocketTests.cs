using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>Attach by WebSocket.</summary>
public sealed class WebSocketTests(Engine engine) : IClassFixture<Engine>
{
    [Fact]
    public async Task Input_and_both_outputs_go_through_one_socket_that_ends_with_the_container()
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "-di", "--name", name, Engine.Image, "sh", "-c", "read line; echo got $line; echo err >&2; exit 3").Succeeded();
        using var handler = Handler();
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://engine/v1.44/containers/{name}/attach/ws?stream=1&stdin=1&stdout=1&stderr=1"), invoker, default);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello\n"), WebSocketMessageType.Text, true, default);

        var output = new StringBuilder();
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, default) is { MessageType: not WebSocketMessageType.Close } message)
            output.Append(Encoding.UTF8.GetString(buffer, 0, message.Count));
        Assert.Equal(["err", "got hello"], output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal("3", engine.Docker.Text("wait", name));
    }

    [Fact]
    public async Task What_is_no_handshake_is_refused()
    {
        var name = engine.RunShell("exec sleep 600");
        using var client = new HttpClient(Handler());
        var answer = await client.GetAsync(new Uri($"http://engine/v1.44/containers/{name}/attach/ws?stream=1"));
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("not a websocket handshake", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(engine.Connect(), ownsSocket: true)),
    };
}
