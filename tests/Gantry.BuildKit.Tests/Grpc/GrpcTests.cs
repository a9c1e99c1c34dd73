using System.Text;
using Gantry.Build.Dockerfile;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.Oci;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.BuildKit.Tests.Grpc;

public class GrpcTests
{
    [Fact]
    public async Task A_call_has_its_answer()
    {
        await using var both = await ConnectAsync(async call =>
            await call.WriteAsync(new TextMessage(TextMessage.Parse((await call.ReadOneAsync()).Span).Value + "!")));
        Assert.Equal("hello!", TextMessage.Parse((await both.Channel.CallAsync("/test", new TextMessage("hello"), CancellationToken.None)).Span).Value);
        // The connection serves any number of calls.
        Assert.Equal("again!", TextMessage.Parse((await both.Channel.CallAsync("/test", new TextMessage("again"), CancellationToken.None)).Span).Value);
    }

    [Fact]
    public async Task Messages_go_both_ways_at_the_same_time()
    {
        await using var both = await ConnectAsync(async call =>
        {
            await call.BeginAsync();
            while (await call.ReadAsync() is { } message)
                await call.WriteAsync(message.ToArray());
        });
        await using var stream = both.Channel.Open("/test", [], CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            var sent = new byte[100_000 * i];
            Random.Shared.NextBytes(sent);
            await stream.WriteAsync(sent);
            Assert.Equal(sent, (await stream.ReadAsync())!.Value.ToArray());
        }
        stream.CompleteWriting();
        Assert.Null(await stream.ReadAsync());
    }

    [Fact]
    public async Task Values_of_one_name_arrive_one_by_one()
    {
        IReadOnlyList<string> values = [];
        await using var both = await ConnectAsync(call =>
        {
            values = call.MetadataValues("pattern");
            return call.WriteAsync(new TextMessage(call.Metadata("other")));
        });
        var many = Enumerable.Range(0, 3000).Select(number => $"a, pattern {number}").ToList();
        await using var stream = both.Channel.Open("/test", new GrpcMetadata { { "pattern", many }, { "other", "one" } }, CancellationToken.None);
        stream.CompleteWriting();
        Assert.Equal("one", TextMessage.Parse((await stream.ReadAsync())!.Value.Span).Value);
        Assert.Equal(many, values);
    }

    [Fact]
    public async Task Errors_have_their_code_and_text()
    {
        await using var both = await ConnectAsync(_ => throw new GrpcException(GrpcCode.NotFound, "50% of ä\nis missing"));
        var error = await Assert.ThrowsAsync<GrpcException>(() => both.Channel.CallAsync("/test", new TextMessage(""), CancellationToken.None));
        Assert.Equal((GrpcCode.NotFound, "50% of ä\nis missing"), (error.Code, error.Message));
        error = await Assert.ThrowsAsync<GrpcException>(() => both.Channel.CallAsync("/nothing", new TextMessage(""), CancellationToken.None));
        Assert.Equal(GrpcCode.Unimplemented, error.Code);
    }

    [Fact]
    public async Task A_connection_without_a_call_stays()
    {
        await using var both = await ConnectAsync(async call =>
            await call.WriteAsync(new TextMessage(TextMessage.Parse((await call.ReadOneAsync()).Span).Value)));
        // Kestrel looks each second at what is idle: before the first call, and between two.
        for (var round = 0; round < 2; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            Assert.False(both.Serving.IsCompleted);
            Assert.Equal("here", TextMessage.Parse((await both.Channel.CallAsync("/test", new TextMessage("here"), CancellationToken.None)).Span).Value);
        }
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_its_calls()
    {
        await using var both = await ConnectAsync(async call =>
        {
            await call.BeginAsync();
            await Task.Delay(Timeout.Infinite, call.Aborted);
        });
        await using var stream = both.Channel.Open("/test", [], CancellationToken.None);
        var reading = stream.ReadAsync();
        await both.CutAsync();
        Assert.Equal(GrpcCode.Unavailable, (await Assert.ThrowsAsync<GrpcException>(() => reading)).Code);
    }

    [Fact]
    public void An_error_of_a_Dockerfile_comes_with_the_file()
    {
        var error = DockerfileException.At(new SourceRange(2, 3), "it is wrong").In(new SourceFile("Dockerfile", "FROM a\nRUN b\n"));
        var status = StatusDetails.Parse(GrpcFailure.Of(new GantryException(ErrorKind.InvalidArgument, "it is wrong", error)).Details.Span);
        var (type, value) = Assert.Single(status.Details);
        Assert.Equal("github.com/moby/buildkit/errdefs.Source+json", type);
        Assert.Contains("\"ranges\":[{\"start\":{\"line\":2},\"end\":{\"line\":3}}]", Encoding.UTF8.GetString(value));
        Assert.Contains(Convert.ToBase64String("FROM a\nRUN b\n"u8), Encoding.UTF8.GetString(value));
    }

    private static async Task<Connected> ConnectAsync(GrpcMethod method)
    {
        var server = new GrpcServer(new Dictionary<string, GrpcMethod> { ["/test"] = method }, NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        var pair = new PipePair();
        var serving = server.ServeAsync(pair.One);
        return new Connected(server, serving, pair, new GrpcChannel(new PipeStream(pair.Other)));
    }

    private sealed record Connected(GrpcServer Server, Task Serving, PipePair Pair, GrpcChannel Channel) : IAsyncDisposable
    {
        public async Task CutAsync()
        {
            await Pair.One.Output.CompleteAsync();
            await Pair.Other.Output.CompleteAsync();
        }

        public async ValueTask DisposeAsync()
        {
            Channel.Dispose();
            await CutAsync();
            await Server.DisposeAsync();
            await Serving;
        }
    }
}
