using System.Formats.Tar;
using System.Text;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.BuildKit.Tests.Llb;

namespace Gantry.BuildKit.Tests.Control;

public class BuildTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private const string Service = "/moby.buildkit.v1.Control/", Gateway = "/moby.buildkit.v1.frontend.LLBBridge/";

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
        Assert.Equal("gateway", Encoding.UTF8.GetString(BytesMessage.DataOf(await CallAsync(client, "three", "ReadFile", new Request().Text(1, reference.Ref).Text(2, "b"))).Span));
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
        error = await Assert.ThrowsAsync<GrpcException>(() => SolveAsync(client, "eight", Frontend("dockerfile.v0"), new Exporter("unknown", new Dictionary<string, string>())));
        Assert.Contains("\"unknown\"", error.Message);
    }

    [Fact]
    public async Task Graphs_of_clients_are_solved()
    {
        await using var client = await engine.ConnectAsync();
        Give(client, "", ("a", "graph"), ("b", "b"));
        var graph = new GraphWriter();
        var local = graph.Add(3, new ProtoWriter().Text(1, "local://context"));
        var copy = new ProtoWriter().Number(1, -1).Number(2, 0).Number(3, 0).Block(4, new ProtoWriter().Text(1, "/a").Text(2, "/into/").Number(4, -1).Written.Span);
        var file = graph.Add(4, new ProtoWriter().Block(2, copy.Written.Span), (local, 0));
        await SolveAsync(client, "nine", request => request.Bytes(2, graph.End(file)), new Exporter("tar", new Dictionary<string, string>()));
        Assert.Equal([("into/a", "graph")], Files(client.Client.Outputs["0"]));
    }

    [Theory]
    [InlineData("/d/*.o", "d/keep")]
    [InlineData("/*/k?ep", "d/1.o d/2.o")]
    public async Task Files_that_a_pattern_means_are_removed(string pattern, string expected)
    {
        await using var client = await engine.ConnectAsync();
        var graph = new GraphWriter();
        var actions = new ProtoWriter();
        var number = -1L;
        actions.Block(2, new ProtoWriter().Number(1, number++).Number(2, -1).Number(3, -1).Block(6, new ProtoWriter().Text(1, "/d").Number(2, 0x1ed).Written.Span).Written.Span);
        foreach (var name in (string[])["1.o", "2.o", "keep"])
            actions.Block(2, new ProtoWriter().Number(1, number++).Number(2, -1).Number(3, -1).Block(5, new ProtoWriter().Text(1, $"/d/{name}").Number(2, 0x1a4).Bytes(3, "x"u8).Written.Span).Written.Span);
        actions.Block(2, new ProtoWriter().Number(1, number).Number(2, -1).Number(3, 0).Block(7, new ProtoWriter().Text(1, pattern).Flag(3, true).Written.Span).Written.Span);
        var file = graph.Add(4, actions);
        await SolveAsync(client, $"pattern{expected.Length}", request => request.Bytes(2, graph.End(file)), new Exporter("tar", new Dictionary<string, string>()));
        Assert.Equal(expected, string.Join(' ', Files(client.Client.Outputs["0"]).Select(file => file.Path)));
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
            request => Frontend("dockerfile.v0", ("contextkey", "another"), ("context:base", "input:base"), ("input-metadata:base", metadata))(request).Map(10, [KeyValuePair.Create("base", graph)]),
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
        Assert.Contains("COPY a /b", Encoding.UTF8.GetString((await client.Channel.CallAsync(Service + "DiskUsage", EmptyMessage.Instance, CancellationToken.None)).Span));
        await using (var pruning = client.Channel.Open(Service + "Prune", [], CancellationToken.None))
        {
            await pruning.WriteAsync(new Request().Flag(2, true));
            pruning.CompleteWriting();
            Assert.NotNull(await pruning.ReadAsync());
        }
        Assert.True((await client.Channel.CallAsync(Service + "DiskUsage", EmptyMessage.Instance, CancellationToken.None)).IsEmpty);
        Assert.Contains("linux", Encoding.UTF8.GetString((await client.Channel.CallAsync(Service + "ListWorkers", EmptyMessage.Instance, CancellationToken.None)).Span));
    }

    private static void Give(ConnectedClient client, string dockerfile, params (string Path, string Content)[] files)
    {
        client.Client.Folders["dockerfile"] = [File("Dockerfile", dockerfile)];
        client.Client.Folders["context"] = [.. files.Select(file => File(file.Path, file.Content))];
    }

    private static (FileStat Stat, byte[] Content) File(string path, string content) => (
        new FileStat { Path = path, Mode = 0x1a4, Size = Encoding.UTF8.GetByteCount(content), Modified = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100 },
        Encoding.UTF8.GetBytes(content));

    private static Exporter Moby(string name) => new("moby", new Dictionary<string, string> { ["name"] = $"docker.io/library/{name}" });

    private static Func<Request, Request> Frontend(string name, params (string Key, string Value)[] attributes) => request =>
        request.Text(6, name).Map(7, attributes.Select(attribute => KeyValuePair.Create(attribute.Key, attribute.Value)).Prepend(KeyValuePair.Create("filename", "Dockerfile")));

    private static async Task<Dictionary<string, string>> SolveAsync(ConnectedClient client, string name, Func<Request, Request> fill, params Exporter[] exporters)
    {
        var request = fill(new Request().Text(1, name).Text(5, client.Session));
        foreach (var exporter in exporters)
            request.Message(13, exporter);
        var answer = await client.Channel.CallAsync(Service + "Solve", request, CancellationToken.None);
        return Response(answer.Span);
    }

    private static Dictionary<string, string> Response(ReadOnlySpan<byte> answer)
    {
        var response = new Dictionary<string, string>();
        var reader = new ProtoReader(answer);
        while (reader.Next())
            Maps.Add(response, reader.TextEntry());
        return response;
    }

    private static async Task<List<string>> FollowAsync(ConnectedClient client, string name)
    {
        await using var stream = client.Channel.Open(Service + "Status", [], CancellationToken.None);
        await stream.WriteAsync(new TextMessage(name));
        stream.CompleteWriting();
        var names = new List<string>();
        while (await stream.ReadAsync() is { } status)
            names.AddRange(Names(status.Span));
        return names;
    }

    private static List<string> Names(ReadOnlySpan<byte> status)
    {
        var names = new List<string>();
        var reader = new ProtoReader(status);
        while (reader.Next())
        {
            var vertex = new ProtoReader(reader.Bytes());
            if (reader.Field != 1)
                continue;
            while (vertex.Next())
            {
                if (vertex.Field == 3)
                    names.Add(vertex.Text());
                else
                    vertex.Skip();
            }
        }
        return names;
    }

    private static async Task<ReadOnlyMemory<byte>> CallAsync(ConnectedClient client, string build, string method, IProtoMessage message)
    {
        await using var stream = client.Channel.Open(Gateway + method, new GrpcMetadata { { "buildkit-controlapi-buildid", build } }, CancellationToken.None);
        await stream.WriteAsync(message);
        stream.CompleteWriting();
        var answer = (await stream.ReadAsync())!.Value.ToArray();
        Assert.Null(await stream.ReadAsync());
        return answer;
    }

    private static GatewayResult ResultOf(ReadOnlyMemory<byte> answer)
    {
        var reader = new ProtoReader(answer.Span);
        Assert.True(reader.Next());
        return GatewayResult.Parse(reader.Bytes());
    }

    private static List<(string Path, string Content)> Files(MemoryStream archive)
    {
        archive.Position = 0;
        var files = new List<(string, string)>();
        using var reader = new TarReader(archive);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile && entry.DataStream is { } data)
                files.Add((entry.Name.TrimStart('.', '/'), new StreamReader(data).ReadToEnd()));
        }
        return files;
    }
}
