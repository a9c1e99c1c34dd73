using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Oci;

namespace Gantry.Api.Tests.Streams;

public class JsonStreamTests
{
    [Fact]
    public async Task The_head_is_sent_before_the_first_document()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(new RouteTable().Add("POST", "/wait", async call =>
        {
            var stream = await JsonStream.OpenAsync(call);
            await go.Task;
            await stream.WriteAsync(new ContainerWaitResponse { StatusCode = 3 }, ApiJson.Wire.ContainerWaitResponse);
        }));
        await using var connection = server.Connect();
        await connection.WriteAsync("POST /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(connection);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
        go.SetResult();
        Assert.Contains("""{"StatusCode":3}""", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task An_operation_that_fails_before_it_reports_is_an_ordinary_error()
    {
        await using var server = await TestServer.StartAsync(Routes(_ => throw GantryException.Invalid("no archive")));
        var answer = await server.AskAsync("POST", "/load");
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.EndsWith("""{"message":"no archive"}""" + "\n", answer);
    }

    [Fact]
    public async Task An_operation_that_fails_later_says_so_in_the_stream()
    {
        await using var server = await TestServer.StartAsync(Routes(async report =>
        {
            report(new ProgressMessage { Stream = "one\n" });
            await Task.Yield();
            throw GantryException.Invalid("damaged");
        }));
        var answer = await server.AskAsync("POST", "/load");
        Assert.StartsWith("HTTP/1.1 200", answer);
        Assert.Contains("""{"stream":"one\n"}""", answer);
        Assert.Contains("""{"error":"damaged","errorDetail":{"message":"damaged"}}""", answer);
    }

    [Fact]
    public async Task An_operation_without_reports_answers_an_empty_stream()
    {
        await using var server = await TestServer.StartAsync(Routes(_ => Task.CompletedTask));
        Assert.StartsWith("HTTP/1.1 200", await server.AskAsync("POST", "/load"));
    }

    private static RouteTable Routes(Func<Action<ProgressMessage>, Task> work) => new RouteTable().Add("POST", "/load", call =>
        ProgressStream.RunAsync(call, work));
}
