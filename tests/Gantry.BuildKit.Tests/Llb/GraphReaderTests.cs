using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.BuildKit.Llb;
using Gantry.BuildKit.Protobuf;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Tests.Llb;

public class GraphReaderTests
{
    private const int Exec = 2, Source = 3, FileKind = 4, Merge = 6, Diff = 7;

    [Fact]
    public async Task A_process_on_an_image_with_mounts()
    {
        var graph = new GraphWriter();
        var image = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://docker.io/library/busybox:latest"));
        var meta = new ProtoWriter().Texts(1, ["sh", "-c", "true"]).Texts(2, ["A=b"]).Text(3, "/work").Text(4, "me").Text(7, "host");
        var root = new ProtoWriter().Number(1, 0).Text(3, "/");
        var cache = new ProtoWriter().Number(1, -1).Text(3, "/cache").Number(4, -1).Number(6, 3).Block(20, new ProtoWriter().Text(1, "id").Number(2, 2).Written.Span);
        var secret = new ProtoWriter().Number(1, -1).Text(3, "/run/s").Number(4, -1).Number(6, 1)
            .Block(21, new ProtoWriter().Text(1, "tok").Number(2, 5).Number(4, 0x100).Flag(5, true).Written.Span);
        var body = new ProtoWriter().Block(1, meta.Written.Span).Block(2, root.Written.Span).Block(2, cache.Written.Span).Block(2, secret.Written.Span).Number(3, 2);
        var node = (await ReadAsync(graph.End(graph.Add(Exec, body, (image, 0)))))!;
        var exec = (ExecOperation)node.Operation;
        Assert.Equal(["sh", "-c", "true"], exec.Arguments);
        Assert.Equal(("/work", "me", "host", StepNetwork.None), (exec.WorkingDirectory, exec.User, exec.HostName, exec.Network));
        Assert.Equal((StepMountKind.Cache, "id", CacheSharing.Locked), (exec.Mounts[0].Kind, exec.Mounts[0].Id, exec.Mounts[0].Sharing));
        Assert.Equal((StepMountKind.Secret, "tok", 5u, 0x100u, false), (exec.Mounts[1].Kind, exec.Mounts[1].Id, exec.Mounts[1].UserId, exec.Mounts[1].Mode!.Value, exec.Mounts[1].Required));
        Assert.Equal("docker.io/library/busybox:latest", Assert.IsType<ImageSource>(node.Inputs[0]!.Operation).Reference);
    }

    [Fact]
    public async Task Changes_of_files_one_after_another()
    {
        var graph = new GraphWriter();
        var local = graph.Add(Source, new ProtoWriter().Text(1, "local://src").Map(2, [KeyValuePair.Create("local.excludepatterns", "[\"a\",\"b\"]")]));
        var make = new ProtoWriter().Number(1, -1).Number(2, -1).Number(3, -1).Block(6, new ProtoWriter().Text(1, "/d").Number(2, 0x1ed).Written.Span);
        var copy = new ProtoWriter().Number(1, 1).Number(2, 0).Number(3, 0)
            .Block(4, new ProtoWriter().Text(1, "/x*").Text(2, "/d/").Number(4, -1).Flag(9, true).Block(3, Owner("me")).Written.Span);
        var node = (await ReadAsync(graph.End(graph.Add(FileKind, new ProtoWriter().Block(2, make.Written.Span).Block(2, copy.Written.Span), (local, 0)))))!;
        var actions = ((FileOperation)node.Operation).Actions;
        Assert.Equal("/d", Assert.IsType<MakeFolderAction>(actions[0]).Path);
        var copied = Assert.IsType<CopyAction>(actions[1]);
        Assert.Equal(("/x*", "/d/", true, "me"), (copied.Sources[0], copied.Destination, copied.KeepsFolder, copied.Owner!.User));
        Assert.Null(node.Inputs[0]);
        Assert.IsType<LocalSource>(node.Inputs[copied.Input]!.Operation);
    }

    [Theory]
    [InlineData(4, 11, 1_700_000_000L)]
    [InlineData(4, 14, 1L)]
    [InlineData(5, 5, 1L)]
    [InlineData(6, 5, 1L)]
    public async Task What_an_action_wants_besides_is_refused(int action, int field, long value)
    {
        var graph = new GraphWriter();
        var local = graph.Add(Source, new ProtoWriter().Text(1, "local://src"));
        var change = new ProtoWriter().Number(1, -1).Number(2, 0).Number(3, 0).Block(action, new ProtoWriter().Text(1, "/d").Number(field, value).Written.Span);
        var error = await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End(graph.Add(FileKind, new ProtoWriter().Block(2, change.Written.Span), (local, 0)))));
        Assert.EndsWith("is not implemented in this version of Gantry", error.Message.Replace(" are not", " is not", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new byte[] { 3, 0, 0x96, 1 }, new[] { 3, 0, 150 })]
    [InlineData(new byte[] { 7 }, new[] { 7 })]
    public async Task A_process_may_be_done_with_other_codes(byte[] packed, int[] expected)
    {
        var graph = new GraphWriter();
        var image = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://one"));
        var body = new ProtoWriter().Block(1, new ProtoWriter().Texts(1, ["false"]).Block(12, packed).Written.Span).Block(2, new ProtoWriter().Number(1, 0).Text(3, "/").Written.Span);
        var node = (await ReadAsync(graph.End(graph.Add(Exec, body, (image, 0)))))!;
        Assert.Equal(expected, ((ExecOperation)node.Operation).ValidExitCodes);
    }

    [Fact]
    public async Task Layers_on_layers_and_their_difference()
    {
        var graph = new GraphWriter();
        var one = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://one"));
        var two = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://two"));
        var merge = graph.Add(Merge, new ProtoWriter(), (one, 0), (two, 0));
        var node = (await ReadAsync(graph.End(graph.Add(Diff, new ProtoWriter(), (one, 0), (merge, 0)))))!;
        Assert.IsType<DiffOperation>(node.Operation);
        Assert.IsType<MergeOperation>(node.Inputs[1]!.Operation);
        // What is one operation is one node.
        Assert.Same(node.Inputs[0], node.Inputs[1]!.Inputs[0]);
    }

    [Fact]
    public async Task A_result_of_another_build_is_found_by_its_name()
    {
        var found = new Node(new MergeOperation(), [], new NodeLabel { Name = "found" });
        var node = await ReadAsync(ResultGraph.Write("name").ToArray(), name => Task.FromResult(name == "name" ? found : null));
        Assert.Same(found, node);
    }

    [Fact]
    public async Task What_is_not_done_is_refused_by_name()
    {
        var graph = new GraphWriter();
        var image = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://one"));
        var build = graph.Add(5, new ProtoWriter(), (image, 0));
        Assert.Contains("BuildOp", (await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End(build)))).Message);
        graph = new GraphWriter();
        var store = graph.Add(Source, new ProtoWriter().Text(1, "oci-layout://store"));
        Assert.Contains("oci-layout://store", (await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End(store)))).Message);
    }

    [Fact]
    public async Task A_graph_that_names_what_is_not_there_is_refused()
    {
        var graph = new GraphWriter();
        await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End("sha256:unknown")));
        Assert.Null(await ReadAsync([]));
    }

    private static byte[] Owner(string name) =>
        new ProtoWriter().Block(1, new ProtoWriter().Block(1, new ProtoWriter().Text(1, name).Written.Span).Written.Span).Written.ToArray();

    private static Task<Node?> ReadAsync(byte[] graph, Func<string, Task<Node?>>? takeResult = null) => new GraphReader(
        graph, new GraphContexts(null!, null!, TimeProvider.System), new Images(), takeResult ?? (_ => Task.FromResult<Node?>(null))).ReadAsync(CancellationToken.None);

    private sealed class Images : IImageResolver
    {
        public Task<Image> ResolveAsync(string reference, Platform platform, CancellationToken cancellation)
        {
            var digest = Digest.Compute(System.Text.Encoding.UTF8.GetBytes(reference));
            var descriptor = new Descriptor { MediaType = "x", Digest = digest, Size = 1 };
            return Task.FromResult(new Image { Id = digest, Manifest = descriptor, Target = descriptor, Config = new ImageConfig(), Layers = [] });
        }
    }
}
