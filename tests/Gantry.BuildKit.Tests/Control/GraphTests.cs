using System.Formats.Tar;
using System.Text;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.BuildKit.Tests.Llb;
using static Gantry.BuildKit.Tests.Control.BuildCalls;
using static Gantry.BuildKit.Tests.Llb.GraphWriter;

namespace Gantry.BuildKit.Tests.Control;

/// <summary>Graphs of clients, solved: what comes of each shape is read from the archive that they export.</summary>
public class GraphTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private const long Second = 1_000_000_000;

    [Fact]
    public async Task Files_of_a_client_are_copied()
    {
        var graph = new GraphWriter();
        var local = graph.Source("local://context");
        Assert.Equal("into/a=graph", await FilesAsync(
            graph.End(graph.Files([Action(-1, 0, 0, 4, Copy("/a", "/into/").Flag(8, true))], (local, 0))), ("a", "graph"), ("b", "b")));
        Assert.Equal("a=graph b=b", await FilesAsync(graph.End(local), ("a", "graph"), ("b", "b")));
    }

    [Theory]
    [InlineData("/d/*.o", "d/keep=x")]
    [InlineData("/*/k?ep", "d/1.o=x d/2.o=x")]
    public async Task Files_that_a_pattern_means_are_removed(string pattern, string expected)
    {
        var graph = new GraphWriter();
        ProtoWriter[] actions =
        [
            Action(-1, -1, -1, 6, MakeFolder("/d")), Action(0, -1, -1, 5, MakeFile("/d/1.o", "x")), Action(1, -1, -1, 5, MakeFile("/d/2.o", "x")),
            Action(2, -1, -1, 5, MakeFile("/d/keep", "x")), Action(3, -1, 0, 7, new ProtoWriter().Text(1, pattern).Flag(3, true)),
        ];
        Assert.Equal(expected, await FilesAsync(graph.End(graph.Files(actions))));
    }

    [Theory]
    [InlineData("**/*.c", "", "t/x/main.c=1 t/x/y/deep.c=4")]
    [InlineData("x", "x/y", "t/x/main.c=1 t/x/main.h=2")]
    [InlineData("x/y", "", "t/x/y/deep.c=4")]
    [InlineData("*.txt,x/main.*", "**/*.h", "t/read.txt=3 t/x/main.c=1")]
    [InlineData("", "**,!x/y/*", "t/x/y/deep.c=4")]
    [InlineData("nothing", "", "")]
    public async Task Patterns_choose_what_is_copied(string includes, string excludes, string expected)
    {
        var graph = new GraphWriter();
        var copy = Copy("/", "/t").Flag(6, true).Texts(12, includes.Split(',', StringSplitOptions.RemoveEmptyEntries))
            .Texts(13, excludes.Split(',', StringSplitOptions.RemoveEmptyEntries));
        var archive = await EntriesAsync(
            graph.End(graph.Files([Action(-1, 0, 0, 4, copy)], (graph.Source("local://context"), 0))),
            ("read.txt", "3"), ("x/", ""), ("x/main.c", "1"), ("x/main.h", "2"), ("x/y/", ""), ("x/y/deep.c", "4"), ("z/", ""));
        Assert.Equal(expected, Text(archive));
        // Folders come along only with what is in them.
        Assert.All(archive.Where(entry => entry.Type == TarEntryType.Directory), folder => Assert.True(
            folder.Name is "t" or "" || archive.Exists(entry =>
                entry.Type == TarEntryType.RegularFile && entry.Name.StartsWith(folder.Name + "/", StringComparison.Ordinal)), folder.Name));
    }

    [Fact]
    public async Task A_copy_is_done_again_only_if_what_its_patterns_choose_has_changed()
    {
        var graph = new GraphWriter();
        var copied = graph.Files([Action(-1, 0, -1, 4, Copy("/", "/").Flag(6, true).Texts(12, ["a/*.c"])), Action(1, -1, 0, 5, MakeFile("/made", "once"))],
            (graph.Source("local://context"), 0));
        var definition = graph.End(copied);
        var first = await EntriesAsync(definition, ("a/", ""), ("a/1.c", "1"), ("a/2.h", "2"), ("b/", ""));
        await Task.Delay(1100);
        var same = await EntriesAsync(definition, ("a/", ""), ("a/1.c", "1"), ("a/2.h", "other"), ("a/3.h", ""), ("c/", ""));
        Assert.Equal(TimeOf(first, "made"), TimeOf(same, "made"));
        var other = await EntriesAsync(definition, ("a/", ""), ("a/1.c", "changed"));
        Assert.NotEqual(TimeOf(first, "made"), TimeOf(other, "made"));
        Assert.Equal("a/1.c=changed made=once", Text(other));
    }

    [Fact]
    public async Task What_is_made_has_the_time_that_is_said()
    {
        var graph = new GraphWriter();
        var times = graph.Files(
            [
                Action(-1, -1, -1, 6, MakeFolder("/d/e", parents: true, 10 * Second)), Action(1, -1, -1, 5, MakeFile("/file", "x", 20 * Second)),
                Action(2, -1, -1, 8, new ProtoWriter().Text(1, "file").Text(2, "/link").Number(4, 30 * Second)),
                Action(3, 0, 0, 4, Copy("/a", "/copied/a", 40 * Second).Flag(8, true)),
            ],
            (graph.Source("local://context"), 0));
        var archive = await EntriesAsync(graph.End(times), ("a", "x"));
        Assert.Equal([10, 20, 30, 40], ((string[])["d/e", "file", "link", "copied/a"]).Select(name => TimeOf(archive, name).ToUnixTimeSeconds()));
        Assert.Equal("file", archive.Find(entry => entry.Name == "link").Link);
    }

    [Fact]
    public async Task Links_are_kept_or_followed()
    {
        var graph = new GraphWriter();
        var made = graph.Files(
            [Action(-1, -1, -1, 5, MakeFile("/file", "x")), Action(0, -1, 0, 8, new ProtoWriter().Text(1, "file").Text(2, "/link").Number(4, -1))]);
        var kept = await EntriesAsync(graph.End(graph.Files([Action(-1, 0, 0, 4, Copy("/link", "/to"))], (made, 0))));
        Assert.Equal("file", kept.Find(entry => entry.Name == "to").Link);
        Assert.Equal("to=x", await FilesAsync(graph.End(graph.Files([Action(-1, 0, 0, 4, Copy("/link", "/to").Flag(5, true))], (made, 0)))));
    }

    [Theory]
    [InlineData("/f", "/d")]
    [InlineData("/x", "/")]
    public async Task What_is_of_another_kind_is_replaced_if_that_is_said(string source, string destination)
    {
        // Below: a folder d/f and a file x; above: a file f and a folder x.
        var graph = new GraphWriter();
        var below = graph.Files(
            [Action(-1, -1, -1, 6, MakeFolder("/d/f/old", parents: true)), Action(0, -1, 0, 5, MakeFile("/x", "old"))]);
        var above = graph.Files(
            [Action(-1, -1, -1, 5, MakeFile("/f", "new")), Action(0, -1, -1, 6, MakeFolder("/x")), Action(1, -1, 0, 5, MakeFile("/x/in", "new"))]);
        var copy = Copy(source, destination);
        await Assert.ThrowsAsync<GrpcException>(() => FilesAsync(graph.End(graph.Files([Action(0, 1, 0, 4, copy)], (below, 0), (above, 0)))));
        var expected = source == "/f" ? "d/f=new x=old" : "x/in=new";
        Assert.Equal(expected, await FilesAsync(graph.End(graph.Files([Action(0, 1, 0, 4, copy.Flag(14, true))], (below, 0), (above, 0)))));
    }

    [Theory]
    [InlineData("/none*", 0, "/none* not found")]
    [InlineData("/none*", 10, "")]
    [InlineData("/a", 16, "\"/a/needed\": not found")]
    [InlineData("/a", 0, "failed to stat /none")]
    public async Task What_is_missing_is_told(string source, int field, string error)
    {
        var graph = new GraphWriter();
        var copy = Copy(source, error.Contains("stat", StringComparison.Ordinal) ? "/none/x/y" : "/t").Flag(9, true);
        copy = field == 16 ? copy.Texts(16, ["needed"]) : field > 0 ? copy.Flag(field, true) : copy;
        var definition = graph.End(graph.Files([Action(-1, 0, 0, 4, copy)], (graph.Source("local://context"), 0)));
        if (error.Length == 0)
            Assert.Equal("", await FilesAsync(definition, ("a", "x")));
        else
            Assert.Contains(error, (await Assert.ThrowsAsync<GrpcException>(() => FilesAsync(definition, ("a", "x")))).Message);
    }

    [Fact]
    public async Task Each_result_of_an_operation_has_its_own_files()
    {
        var graph = new GraphWriter();
        var both = graph.Files(
            [
                Action(-1, -1, -1, 6, MakeFolder("/d")), Action(0, -1, 0, 5, MakeFile("/d/a", "a")), Action(0, -1, -1, 5, MakeFile("/d/b", "b")),
                Action(2, 1, 1, 4, Copy("/d/a", "/d/c")),
            ]);
        Assert.Equal("d/a=a", await FilesAsync(graph.End(both, 0)));
        Assert.Equal("d/b=b d/c=a", await FilesAsync(graph.End(both, 1)));
    }

    [Fact]
    public async Task Layers_of_unrelated_files_are_compared()
    {
        var graph = new GraphWriter();
        var one = graph.Files([Action(-1, -1, -1, 5, MakeFile("/same", "s", Second)), Action(0, -1, -1, 5, MakeFile("/gone", "g")),
            Action(1, -1, 0, 5, MakeFile("/changed", "1", Second))]);
        var two = graph.Files([Action(-1, -1, -1, 5, MakeFile("/same", "s", Second)), Action(0, -1, -1, 5, MakeFile("/new", "n")),
            Action(1, -1, 0, 5, MakeFile("/changed", "2", Second))]);
        var changes = graph.Stack(7, (0, 1), (one, 0), (two, 0));
        Assert.Equal("changed=2 new=n", await FilesAsync(graph.End(changes)));
        // On top of others it removes what the second does not have.
        Assert.Equal("changed=2 new=n same=s", await FilesAsync(graph.End(graph.Stack(6, (0, 1), (one, 0), (changes, 0)))));
        Assert.Equal("changed=1 gone=g same=s", await FilesAsync(graph.End(graph.Stack(7, (-1, 0), (one, 0)))));
    }

    [Fact]
    public async Task What_a_process_leaves_in_its_mounts_is_a_result()
    {
        var graph = new GraphWriter();
        var root = graph.Files([Action(-1, 0, 0, 4, Copy("/busybox", "/bin/").Flag(8, true).Flag(14, true))], (graph.Source("local://context"), 0));
        var input = graph.Files([Action(-1, -1, -1, 6, MakeFolder("/sub")), Action(0, -1, 0, 5, MakeFile("/beside", "b"))]);
        const string script = "echo root > /made; echo $RANDOM$RANDOM > /out/number; /bin/busybox cp /out/number /more/copy; echo dropped > /left/x";
        var meta = new ProtoWriter().Texts(1, ["/bin/busybox", "sh", "-c", script]).Text(3, "/");
        var body = new ProtoWriter().Block(1, meta.Written.Span).Number(3, 2)
            .Block(2, new ProtoWriter().Number(1, 0).Text(3, "/").Number(4, 0).Written.Span)
            .Block(2, new ProtoWriter().Number(1, -1).Text(3, "/out").Number(4, 1).Written.Span)
            .Block(2, new ProtoWriter().Number(1, 1).Text(2, "/sub").Text(3, "/more").Number(4, 2).Written.Span)
            .Block(2, new ProtoWriter().Number(1, 1).Text(3, "/left").Number(4, -1).Written.Span);
        var exec = graph.Add(2, body, (root, 0), (input, 0));
        (string, byte[])[] files = [("busybox", EngineFixture.Busybox())];
        var number = await FilesAsync(graph.End(exec, 1), files);
        Assert.StartsWith("number=", number);
        // It ran once: all results are of the same run, whichever is asked for.
        Assert.Equal($"beside=b sub/copy={number["number=".Length..]}", await FilesAsync(graph.End(exec, 2), files));
        Assert.EndsWith("made=root\n", await FilesAsync(graph.End(exec), files));
        Assert.DoesNotContain("out", (await EntriesAsync(graph.End(exec), files)).Select(entry => entry.Name));
        // Two results in one graph.
        var joined = graph.Files([Action(0, 1, 0, 4, Copy("/sub/copy", "/joined"))], (exec, 1), (exec, 2));
        Assert.Equal($"joined={number["number=".Length..]} {number}", await FilesAsync(graph.End(joined), files));
    }

    [Fact]
    public async Task A_process_cannot_write_to_a_root_that_is_only_to_be_read()
    {
        var graph = new GraphWriter();
        var root = graph.Files([Action(-1, 0, 0, 4, Copy("/busybox", "/bin/").Flag(8, true).Flag(14, true))], (graph.Source("local://context"), 0));
        var meta = new ProtoWriter().Texts(1, ["/bin/busybox", "sh", "-c", "(echo x > /made) 2>/dev/null || echo refused > /out/answer"]).Text(3, "/");
        var body = new ProtoWriter().Block(1, meta.Written.Span).Number(3, 2)
            .Block(2, new ProtoWriter().Number(1, 0).Text(3, "/").Number(4, -1).Flag(5, true).Written.Span)
            .Block(2, new ProtoWriter().Number(1, -1).Text(3, "/out").Number(4, 0).Written.Span);
        Assert.Equal("answer=refused\n", await FilesAsync(graph.End(graph.Add(2, body, (root, 0))), [("busybox", EngineFixture.Busybox())]));
    }

    private Task<string> FilesAsync(byte[] graph, params (string Path, string Content)[] files) =>
        FilesAsync(graph, [.. files.Select(file => (file.Path, Encoding.UTF8.GetBytes(file.Content)))]);

    private async Task<string> FilesAsync(byte[] graph, (string Path, byte[] Content)[] files) => Text(await EntriesAsync(graph, files));

    private static string Text(List<Entry> entries) => string.Join(
        ' ', entries.Where(entry => entry.Type == TarEntryType.RegularFile).OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => $"{entry.Name}={entry.Content}"));

    private static DateTimeOffset TimeOf(List<Entry> entries, string name) => entries.Find(entry => entry.Name == name).Modified;

    private Task<List<Entry>> EntriesAsync(byte[] graph, params (string Path, string Content)[] files) =>
        EntriesAsync(graph, [.. files.Select(file => (file.Path, Encoding.UTF8.GetBytes(file.Content)))]);

    private async Task<List<Entry>> EntriesAsync(byte[] graph, (string Path, byte[] Content)[] files)
    {
        await using var client = await engine.ConnectAsync();
        client.Client.Folders["context"] = [.. files.Select(file => (Stat(file.Path, file.Content.Length), file.Content))];
        await SolveAsync(client, Guid.NewGuid().ToString("N"), request => request.Bytes(2, graph), new Exporter("tar", new Dictionary<string, string>()));
        var archive = client.Client.Outputs["0"];
        archive.Position = 0;
        var entries = new List<Entry>();
        using var reader = new TarReader(archive);
        while (reader.GetNextEntry() is { } entry)
        {
            var content = entry is { EntryType: TarEntryType.RegularFile, DataStream: { } data } ? new StreamReader(data).ReadToEnd() : "";
            entries.Add(new Entry(entry.Name.TrimStart('.', '/').TrimEnd('/'), entry.EntryType, content, entry.LinkName ?? "", entry.ModificationTime));
        }
        return entries;
    }

    private static FileStat Stat(string path, int size) => new()
    {
        Path = path.TrimEnd('/'),
        Mode = path.EndsWith('/') ? FileStat.ModeOf(Os.Files.FileKind.Directory, 0x1ed) : 0x1ed,
        Size = size,
        Modified = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100,
    };

    private readonly record struct Entry(string Name, TarEntryType Type, string Content, string Link, DateTimeOffset Modified);
}
