using System.Text;
using Gantry.Build.Contexts;
using Gantry.Build.Progress;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Tests.Sessions;

public sealed class FolderReceiverTests : IDisposable
{
    private const long Long = 1_700_000_000_000_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-buildkit-").FullName;

    [Fact]
    public async Task Files_folders_and_links_arrive()
    {
        await using var client = await FakeClient.StartAsync();
        client.Folders["context"] =
        [
            File("a", "content of a, which is longer than a part"), (new FileStat { Path = "d", Mode = FileStat.ModeOf(FileKind.Directory, 0x1c0) }, []),
            File("d/empty", ""), (new FileStat { Path = "d/fifo", Mode = FileStat.ModeOf(FileKind.Fifo, 0x1b6) }, []),
            (new FileStat { Path = "l", Mode = FileStat.ModeOf(FileKind.SymbolicLink, 0x1ff), LinkText = "a" }, []),
            (new FileStat { Path = "twin", Mode = 0x1a4, LinkText = "a" }, []), File("z", "last"),
        ];
        var files = await ReceiveAsync(client, new FolderOrder("context") { ExcludePatterns = ["x, y", "!z"] });
        Assert.Equal(["a", "d", "d/empty", "l", "twin", "z"], files.Entries.Select(entry => entry.Path).Order(StringComparer.Ordinal));
        Assert.Equal("content of a, which is longer than a part", Text(files, "a"));
        Assert.Equal(files.Find("a")!.Content, files.Find("twin")!.Content);
        Assert.Equal("a", files.Find("l")!.LinkText);
        Assert.Equal(0x1c0u, files.Find("d")!.Permissions);
        Assert.Equal(["x, y", "!z"], client.Excluded);
    }

    [Fact]
    public async Task What_did_not_change_is_not_sent_again()
    {
        await using var client = await FakeClient.StartAsync();
        client.Folders["context"] = [File("a", "one"), File("b", "two")];
        await ReceiveAsync(client, new FolderOrder("context"));
        client.Requested.Clear();
        client.Folders["context"][1] = File("b", "new", Long + 1);
        await using var later = await FakeClient.StartAsync();
        later.Folders["context"] = client.Folders["context"];
        var files = await ReceiveAsync(later, new FolderOrder("context"));
        Assert.Equal(["b"], later.Requested);
        Assert.Equal(("one", "new"), (Text(files, "a"), Text(files, "b")));
    }

    [Fact]
    public async Task A_file_that_changed_just_now_is_sent_again()
    {
        await using var client = await FakeClient.StartAsync();
        client.Folders["context"] = [File("a", "one", (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100)];
        // The clock stands still a moment after.
        await ReceiveAsync(client, new FolderOrder("context"), new FixedClock(DateTimeOffset.UtcNow));
        await using var later = await FakeClient.StartAsync();
        later.Folders["context"] = client.Folders["context"];
        await ReceiveAsync(later, new FolderOrder("context"));
        Assert.Equal(["a"], later.Requested);
    }

    [Fact]
    public void Names_that_are_not_ASCII_are_escaped()
    {
        var metadata = new FolderOrder("ü") { FollowPaths = ["a b", "ä+"] }.Metadata().ToDictionary();
        Assert.Equal(("%C3%BC", "1"), (metadata["dir-name"], metadata["dir-name-encoded"]));
        Assert.Equal("a%20b\u001f%C3%A4%2B", metadata["followpaths"]);
    }

    [Fact]
    public async Task Whoever_leads_out_is_not_taken()
    {
        await using var client = await FakeClient.StartAsync();
        client.Folders["context"] = [File("../a", "out"), File("b", "in"), File("/c", "out")];
        Assert.Equal(["b"], (await ReceiveAsync(client, new FolderOrder("context"))).Entries.Select(entry => entry.Path));
    }

    [Fact]
    public async Task A_folder_that_the_client_does_not_give_is_an_error()
    {
        await using var client = await FakeClient.StartAsync();
        var error = await Assert.ThrowsAsync<BuildKit.Grpc.GrpcException>(() => ReceiveAsync(client, new FolderOrder("other")));
        Assert.Equal("no access allowed to dir \"other\"", error.Message);
    }

    [Fact]
    public async Task Secrets_are_the_clients()
    {
        await using var client = await FakeClient.StartAsync();
        client.Secrets["known"] = [1, 2, 3];
        using var session = client.Open();
        Assert.Equal([1, 2, 3], (await session.FindSecretAsync("known", CancellationToken.None))!.Value.ToArray());
        Assert.Null(await session.FindSecretAsync("unknown", CancellationToken.None));
        Assert.False(await session.HasAgentAsync("default", CancellationToken.None));
        Assert.Null(await session.FindCredentialsAsync("docker.io", CancellationToken.None));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<FileSet> ReceiveAsync(FakeClient client, FolderOrder order, TimeProvider? clock = null)
    {
        using var session = client.Open();
        var store = new FileStore(Path.Combine(_folder, "files"));
        var progress = new BuildProgress(TimeProvider.System, _ => { });
        return await new FolderReceiver(session, store, new ContextMemory(Path.Combine(_folder, "memory")), clock ?? TimeProvider.System)
            .ReceiveAsync(order, "key", "context", progress.Begin("load"), CancellationToken.None);
    }

    private string Text(FileSet files, string path) =>
        Encoding.UTF8.GetString(new FileStore(Path.Combine(_folder, "files")).ReadBytes(files.Find(path)!.Content));

    private static (FileStat Stat, byte[] Content) File(string path, string content, long modified = Long) =>
        (new FileStat { Path = path, Mode = 0x1a4, Size = content.Length, Modified = modified }, Encoding.UTF8.GetBytes(content));

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
