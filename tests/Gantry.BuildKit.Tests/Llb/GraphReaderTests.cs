using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.BuildKit.Llb;
using Gantry.BuildKit.Protobuf;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;

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
        var cache = new ProtoWriter().Number(1, -1).Text(3, "/cache").Number(4, -1).Number(6, 3)
            .Block(20, new ProtoWriter().Text(1, "id").Number(2, 2).Written.Span);
        var secret = new ProtoWriter().Number(1, -1).Text(3, "/run/s").Number(4, -1).Number(6, 1)
            .Block(21, new ProtoWriter().Text(1, "tok").Number(2, 5).Number(4, 0x100).Flag(5, true).Written.Span);
        var body = new ProtoWriter().Block(1, meta.Written.Span).Block(2, root.Written.Span).Block(2, cache.Written.Span).Block(2, secret.Written.Span)
            .Number(3, 2);
        var node = (await ReadAsync(graph.End(graph.Add(Exec, body, (image, 0)))))!;
        var exec = (ExecOperation)node.Operation;
        Assert.Equal(["sh", "-c", "true"], exec.Arguments);
        Assert.Equal(("/work", "me", "host", StepNetwork.None), (exec.WorkingDirectory, exec.User, exec.HostName, exec.Network));
        Assert.Equal((StepMountKind.Cache, "id", CacheSharing.Locked), (exec.Mounts[0].Kind, exec.Mounts[0].Id, exec.Mounts[0].Sharing));
        Assert.Equal((StepMountKind.Secret, "tok", 5u, 0x100u, false),
            (exec.Mounts[1].Kind, exec.Mounts[1].Id, exec.Mounts[1].UserId, exec.Mounts[1].Mode!.Value, exec.Mounts[1].Required));
        Assert.Equal("docker.io/library/busybox:latest", Assert.IsType<ImageSource>(node.Inputs[0]!.Operation).Reference);
    }

    [Fact]
    public async Task Changes_of_files_one_after_another()
    {
        var graph = new GraphWriter();
        var local = graph.Add(Source, new ProtoWriter().Text(1, "local://src").Map(2, [KeyValuePair.Create("local.excludepatterns", "[\"a\",\"b\"]")]));
        var copy = GraphWriter.Copy("/x*", "/d/").Flag(9, true).Block(3, Owner("me", -1)).Texts(12, ["*.c"]).Texts(13, ["b*"]).Text(15, "u+x")
            .Texts(16, ["one"]);
        var node = (await ReadAsync(graph.End(graph.Files(
            [GraphWriter.Action(-1, -1, -1, 6, GraphWriter.MakeFolder("/d", time: 1_500_000_000)), GraphWriter.Action(1, 0, 0, 4, copy)], (local, 0)))))!;
        var actions = ((FileOperation)node.Operation).Actions;
        var made = Assert.IsType<MakeFolderAction>(actions[0]);
        Assert.Equal(("/d", new FileTime(1, 500_000_000), true), (made.Path, made.Time, made.NeedsFolder));
        var copied = Assert.IsType<CopyAction>(actions[1]);
        Assert.Equal(("/x*", "/d/", true, "me", "u+x"), (copied.Sources[0], copied.Destination, copied.KeepsFolder, copied.Owner!.User, copied.Mode));
        Assert.Equal("*.c b* one", string.Join(' ', [.. copied.Includes, .. copied.Excludes, .. copied.Required]));
        Assert.Null(copied.Time);
        Assert.Null(node.Inputs[0]);
        Assert.IsType<LocalSource>(node.Inputs[copied.Input]!.Operation);
    }

    [Theory]
    [InlineData(4, 5, nameof(CopyAction.KeepsLink))]
    [InlineData(4, 6, nameof(CopyAction.KeepsFolder))]
    [InlineData(4, 8, nameof(FileAction.NeedsFolder))]
    [InlineData(4, 10, nameof(CopyAction.NeedsMatch))]
    [InlineData(4, 14, nameof(CopyAction.Replaces))]
    [InlineData(6, 3, nameof(FileAction.NeedsFolder))]
    public async Task What_an_action_says_changes_one_thing_and_the_key(int kind, int field, string property)
    {
        var (without, with) = (await ActionAsync(kind, 0), await ActionAsync(kind, field));
        Assert.NotEqual(Flag(without), Flag(with));
        Assert.NotEqual(new FileOperation([without]).ComputeDigest(), new FileOperation([with]).ComputeDigest());

        object? Flag(FileAction action) => action.GetType().GetProperty(property)!.GetValue(action);

        static async Task<FileAction> ActionAsync(int kind, int field)
        {
            var graph = new GraphWriter();
            var body = kind == 4 ? GraphWriter.Copy("/a", "/b") : GraphWriter.MakeFolder("/a");
            var node = await ReadAsync(
                graph.End(graph.Files([GraphWriter.Action(-1, 0, 0, kind, field > 0 ? body.Flag(field, true) : body)], (graph.Source("local://src"), 0))));
            return ((FileOperation)node!.Operation).Actions[0];
        }
    }

    [Fact]
    public async Task Results_of_changes_that_are_used_twice_are_nodes_of_their_own()
    {
        var graph = new GraphWriter();
        var image = graph.Source("docker-image://one");
        // 1: a folder; 2 and 3: a file each on top of it; 4: from one into the other, whose result is the second of two.
        var both = graph.Files(
            [
                GraphWriter.Action(0, -1, -1, 6, GraphWriter.MakeFolder("/d")),
                GraphWriter.Action(1, -1, 0, 5, GraphWriter.MakeFile("/d/a", "a")),
                GraphWriter.Action(1, -1, -1, 5, GraphWriter.MakeFile("/d/b", "b")),
                GraphWriter.Action(3, 2, 1, 4, GraphWriter.Copy("/d/a", "/d/c")),
            ],
            (image, 0));
        var second = (await ReadAsync(graph.End(both, 1)))!;
        Assert.Equal(2, ((FileOperation)second.Operation).Actions.Count);
        var (folder, first) = (second.Inputs[0]!, second.Inputs[1]!);
        Assert.Equal("mkdir /d", folder.Label.Name);
        Assert.Equal(("mkfile /d/a", folder), (first.Label.Name, first.Inputs[0]));
        Assert.IsType<ImageSource>(folder.Inputs[0]!.Operation);
    }

    [Theory]
    [InlineData(-1, 0, 1, "not 0 to 0")]
    [InlineData(-1, 0, -1, "no outputs")]
    [InlineData(1, 0, 0, "not before it")]
    [InlineData(-1, 7, 0, "not before it")]
    public async Task Changes_that_stand_on_nothing_are_refused(long input, long second, long output, string says)
    {
        var graph = new GraphWriter();
        var file = graph.Files([GraphWriter.Action(input, second, output, 4, GraphWriter.Copy("/a", "/b"))], (graph.Source("local://src"), 0));
        Assert.Contains(says, (await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End(file)))).Message);
    }

    [Fact]
    public async Task Mounts_of_a_process_are_results_of_it()
    {
        var graph = new GraphWriter();
        var image = graph.Source("docker-image://one");
        var body = new ProtoWriter().Block(1, new ProtoWriter().Texts(1, ["make"]).Written.Span)
            .Block(2, new ProtoWriter().Number(1, 0).Text(3, "/").Number(4, -1).Flag(5, true).Written.Span)
            .Block(2, new ProtoWriter().Number(1, -1).Text(3, "/out").Number(4, 0).Written.Span)
            .Block(2, new ProtoWriter().Number(1, 0).Text(3, "/same").Number(4, 1).Flag(5, true).Written.Span)
            .Block(2, new ProtoWriter().Number(1, 0).Text(3, "/more").Number(4, 2).Written.Span);
        var exec = graph.Add(Exec, body, (image, 0));
        var first = (await ReadAsync(graph.End(exec, 0)))!;
        var process = (ExecOperation)first.Inputs[0]!.Operation;
        Assert.Equal(new MountOutput(0), first.Operation);
        Assert.Equal((true, true), (process.DropsRoot, process.HasReadOnlyRoot));
        Assert.Equal([true, false, true], process.Mounts.Select(mount => mount.IsResult));
        Assert.IsType<ImageSource>((await ReadAsync(graph.End(exec, 1)))!.Operation);
        Assert.Equal(new MountOutput(1), (await ReadAsync(graph.End(exec, 2)))!.Operation);
        Assert.Contains("which has 3", (await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End(exec, 3)))).Message);
    }

    [Theory]
    [InlineData(3, "network.host")]
    [InlineData(4, "security.insecure")]
    public async Task A_process_may_do_what_its_client_was_granted(int field, string entitlement)
    {
        var graph = new GraphWriter();
        var body = new ProtoWriter().Block(1, new ProtoWriter().Texts(1, ["id"]).Written.Span).Block(2, new ProtoWriter().Text(3, "/").Written.Span)
            .Number(field, 1);
        var definition = graph.End(graph.Add(Exec, body, (graph.Source("docker-image://one"), 0)));
        Assert.Equal(ErrorKind.Forbidden, (await Assert.ThrowsAsync<GantryException>(() => ReadAsync(definition))).Kind);
        var exec = (ExecOperation)(await ReadAsync(definition, entitlements: [entitlement]))!.Operation;
        Assert.Equal((field == 3 ? StepNetwork.Host : StepNetwork.Default, field == 4), (exec.Network, exec.Insecure));
    }

    [Theory]
    [InlineData(new byte[] { 3, 0, 0x96, 1 }, new[] { 3, 0, 150 })]
    [InlineData(new byte[] { 7 }, new[] { 7 })]
    public async Task A_process_may_be_done_with_other_codes(byte[] packed, int[] expected)
    {
        var graph = new GraphWriter();
        var image = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://one"));
        var body = new ProtoWriter().Block(1, new ProtoWriter().Texts(1, ["false"]).Block(12, packed).Written.Span)
            .Block(2, new ProtoWriter().Number(1, 0).Text(3, "/").Written.Span);
        var node = (await ReadAsync(graph.End(graph.Add(Exec, body, (image, 0)))))!;
        Assert.Equal(expected, ((ExecOperation)node.Operation).ValidExitCodes);
    }

    [Fact]
    public async Task Layers_on_layers_and_their_difference()
    {
        var graph = new GraphWriter();
        var one = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://one"));
        var two = graph.Add(Source, new ProtoWriter().Text(1, "docker-image://two"));
        var merge = graph.Stack(Merge, (0, 1), (one, 0), (two, 0));
        var node = (await ReadAsync(graph.End(graph.Stack(Diff, (0, 1), (one, 0), (merge, 0)))))!;
        Assert.IsType<DiffOperation>(node.Operation);
        Assert.IsType<MergeOperation>(node.Inputs[1]!.Operation);
        // What is one operation is one node.
        Assert.Same(node.Inputs[0], node.Inputs[1]!.Inputs[0]);
        node = (await ReadAsync(graph.End(graph.Stack(Diff, (-1, 0), (one, 0)))))!;
        Assert.Null(node.Inputs[0]);
        Assert.IsType<ImageSource>(node.Inputs[1]!.Operation);
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
        var other = graph.Source("other://store");
        Assert.Contains("other://store", (await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End(other)))).Message);
        graph = new GraphWriter();
        var header = graph.Add(Source, new ProtoWriter().Text(1, "https://host/file").Map(2, [KeyValuePair.Create("http.header.accept", "x")]));
        Assert.Contains("http.header.accept", (await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End(header)))).Message);
    }

    [Fact]
    public async Task Sources_have_what_their_attributes_say()
    {
        var graph = new GraphWriter();
        var http = graph.Add(Source, new ProtoWriter().Text(1, "https://host/a/file")
            .Map(2, [KeyValuePair.Create("http.perm", "0755"), KeyValuePair.Create("http.uid", "7")]));
        var file = (await ReadAsync(graph.End(graph.Files([GraphWriter.Action(-1, 0, 0, 4, GraphWriter.Copy("/file", "/"))], (http, 0)))))!.Inputs[1]!;
        Assert.Equal(new HttpSource("https://host/a/file", "file", default) { Permissions = 0x1ed, UserId = 7 }, file.Operation);
        var digest = Digest.Compute("x"u8);
        var layout = graph.Add(Source, new ProtoWriter().Text(1, $"oci-layout://name@{digest}").Map(2, [KeyValuePair.Create("oci.store", "given")]));
        Assert.Equal($"oci-layout://given@{digest}", ((ImageSource)(await ReadAsync(graph.End(layout)))!.Operation).Reference);
    }

    [Fact]
    public async Task A_graph_that_names_what_is_not_there_is_refused()
    {
        var graph = new GraphWriter();
        await Assert.ThrowsAsync<GantryException>(() => ReadAsync(graph.End("sha256:unknown")));
        Assert.Null(await ReadAsync([]));
    }

    private static byte[] Owner(string name, long input) =>
        new ProtoWriter().Block(1, new ProtoWriter().Block(1, new ProtoWriter().Text(1, name).Number(2, input).Written.Span).Written.Span).Written.ToArray();

    private static Task<Node?> ReadAsync(byte[] graph, Func<string, Task<Node?>>? takeResult = null, string[]? entitlements = null) => new GraphReader(
        graph, new GraphContexts(null!, null!, TimeProvider.System), new Images(), takeResult ?? (_ => Task.FromResult<Node?>(null)), entitlements ?? [])
            .ReadAsync(CancellationToken.None);

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
