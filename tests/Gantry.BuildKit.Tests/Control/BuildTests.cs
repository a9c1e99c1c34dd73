using System.Text;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.BuildKit.Tests.Llb;
using static Gantry.BuildKit.Tests.Control.BuildCalls;

namespace Gantry.BuildKit.Tests.Control;

public class BuildTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Fact]
    public async Task A_Dockerfile_becomes_an_image_and_an_output()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "FROM scratch\nCOPY a /b\nCMD [\"x\"]\n", ("a", "content"), ("other", "x"));
        var answer = await SolveAsync(client, "one", Frontend("dockerfile.v0"), Moby("built:1"), new Exporter("tar", new Dictionary<string, string>()));
        var image = engine.FindImage("built:1")!;
        Assert.Equal(["x"], image.Config.Config!.Cmd!);
        Assert.Equal((image.Id.ToString(), "docker.io/library/built:1"), (answer["containerimage.config.digest"], answer["image.name"]));
        Assert.Equal(image.Id.ToString(), answer["containerimage.digest"]);
        Assert.Equal([("b", "content")], Files(client.Client.Outputs["1"]));
    }

    [Fact]
    public async Task Progress_is_told_also_to_who_comes_late()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "FROM scratch\nCOPY a /b\n", ("a", "progress"));
        await SolveAsync(client, "two", Frontend("dockerfile.v0"), Moby("built:2"));
        var names = await FollowAsync(client, "two");
        Assert.Equal("[internal] load build definition from Dockerfile", names[0]);
        Assert.Contains("[internal] load build context", names);
        Assert.Contains("[1/1] COPY a /b", names);
        Assert.Contains("exporting to image", names);
    }

    [Fact]
    public async Task A_client_with_a_build_function_uses_the_gateway()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "FROM scratch\nCOPY a /b\n", ("a", "gateway"));
        var solving = SolveAsync(client, "three", writer => writer, Moby("built:3"));
        var pong = await CallAsync(client, "three", "Ping", EmptyMessage.Instance);
        Assert.Contains("proto.refarray", Encoding.UTF8.GetString(pong.Span));
        var result = await CallAsync(client, "three", "Solve", Frontend("dockerfile.v0")(new Request()).Shift());
        var reference = ResultOf(result);
        Assert.Equal("gateway", Encoding.UTF8.GetString(
            BytesMessage.DataOf(await CallAsync(client, "three", "ReadFile", new Request().Text(1, reference.Ref).Text(2, "b"))).Span));
        Assert.Contains("containerimage.config", reference.Metadata.Keys);
        await CallAsync(client, "three", "Return", new Request().Message(1, GatewayResult.Of(reference.Ref)));
        await solving;
        Assert.NotNull(engine.FindImage("built:3"));
    }

    [Fact]
    public async Task A_build_function_that_fails_is_how_the_build_fails()
    {
        await using var client = await engine.ConnectAsync();
        var solving = SolveAsync(client, "four", writer => writer);
        await CallAsync(client, "four", "Return", new Request().Message(2, new StatusDetails((int)GrpcCode.NotFound, "it failed", [])));
        var error = await Assert.ThrowsAsync<GrpcException>(() => solving);
        Assert.Equal((GrpcCode.NotFound, "it failed"), (error.Code, error.Message));
    }

    [Fact]
    public async Task Errors_are_docker_s()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "FROM scratch\nRNU x\n");
        var error = await Assert.ThrowsAsync<GrpcException>(() => SolveAsync(client, "five", Frontend("dockerfile.v0")));
        Assert.Equal("dockerfile parse error on line 2: unknown instruction: RNU (did you mean RUN?)", error.Message);
        Give(client, "FROM scratch\nCOPY nothing /\n", ("a", ""));
        error = await Assert.ThrowsAsync<GrpcException>(() => SolveAsync(client, "six", Frontend("dockerfile.v0")));
        Assert.EndsWith("\"/nothing\": not found", error.Message);
        error = await Assert.ThrowsAsync<GrpcException>(() => SolveAsync(client, "seven", Frontend("other.v0")));
        Assert.Contains("other.v0", error.Message);
        error = await Assert.ThrowsAsync<GrpcException>(() =>
            SolveAsync(client, "eight", Frontend("dockerfile.v0"), new Exporter("unknown", new Dictionary<string, string>())));
        Assert.Contains("\"unknown\"", error.Message);
    }

    [Fact]
    public async Task A_result_of_one_build_is_a_context_of_another()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "FROM scratch\nCOPY a /first\nENV A=1\n", ("a", "shared"));
        var first = SolveAsync(client, "ten", writer => writer);
        var result = ResultOf(await CallAsync(client, "ten", "Solve", Frontend("dockerfile.v0")(new Request()).Shift()));
        client.Client.Folders["dockerfile"] = [File("Dockerfile", "FROM base\nCOPY a /second\n")];
        client.Client.Folders["another"] = [File("a", "own")];
        var graph = Gantry.BuildKit.Llb.ResultGraph.Write(result.Ref).ToArray();
        var metadata = $"{{\"containerimage.config\":\"{Convert.ToBase64String(result.Metadata["containerimage.config"])}\"}}";
        await SolveAsync(
            client, "eleven",
            request => Frontend("dockerfile.v0", ("contextkey", "another"), ("context:base", "input:base"), ("input-metadata:base", metadata))(request)
                .Map(10, [KeyValuePair.Create("base", graph)]),
            Moby("built:11"), new Exporter("tar", new Dictionary<string, string>()));
        await CallAsync(client, "ten", "Return", new Request().Message(1, GatewayResult.Of("")));
        await first;
        Assert.Equal([("first", "shared"), ("second", "own")], Files(client.Client.Outputs["1"]).Order());
        Assert.Equal(["A=1"], engine.FindImage("built:11")!.Config.Config!.Env!.Where(variable => variable.StartsWith('A')));
    }

    [Fact]
    public async Task A_Dockerfile_can_be_checked()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "FROM scratch AS Upper\n");
        var solving = SolveAsync(client, "twelve", writer => writer);
        var result = ResultOf(await CallAsync(client, "twelve", "Solve", Frontend("dockerfile.v0", ("requestid", "frontend.lint"))(new Request()).Shift()));
        Assert.Contains("StageNameCasing", Encoding.UTF8.GetString(result.Metadata["result.json"]));
        Assert.Equal("1", Encoding.UTF8.GetString(result.Metadata["result.statuscode"]));
        await CallAsync(client, "twelve", "Return", new Request().Message(1, GatewayResult.Of("")));
        await solving;
    }

    [Fact]
    public async Task The_cache_can_be_looked_at_and_emptied()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "FROM scratch\nCOPY a /b\n", ("a", "to be pruned"));
        await SolveAsync(client, "thirteen", Frontend("dockerfile.v0"));
        Assert.Contains(
            "COPY a /b", Encoding.UTF8.GetString((await client.Channel.CallAsync(Service + "DiskUsage", EmptyMessage.Instance, CancellationToken.None)).Span));
        await using (var pruning = client.Channel.Open(Service + "Prune", [], CancellationToken.None))
        {
            await pruning.WriteAsync(new Request().Flag(2, true));
            pruning.CompleteWriting();
            Assert.NotNull(await pruning.ReadAsync());
        }
        Assert.True((await client.Channel.CallAsync(Service + "DiskUsage", EmptyMessage.Instance, CancellationToken.None)).IsEmpty);
        var workers = Encoding.UTF8.GetString((await client.Channel.CallAsync(Service + "ListWorkers", EmptyMessage.Instance, CancellationToken.None)).Span);
        Assert.Contains("linux", workers);
        Assert.Contains("type==exec.cachemount", workers);
    }
}
