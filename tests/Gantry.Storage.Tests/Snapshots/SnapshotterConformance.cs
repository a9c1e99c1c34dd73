using System.Text;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;
using Gantry.Storage.Snapshots;

namespace Gantry.Storage.Tests.Snapshots;

/// <summary>What every snapshotter has to do: the contract told in <see cref="ISnapshotter"/>, as tests.</summary>
public abstract class SnapshotterConformance : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly List<Exception> _failures = [];
    private string _bootId = "this-boot";

    protected SnapshotterConformance() => Snapshotter = Reopen(null);

    protected ISnapshotter Snapshotter { get; private set; }

    protected abstract ISnapshotter Open(string root, string bootId, Action<Exception> report);

    public void Dispose()
    {
        Snapshotter.Dispose();
        _temporary.Dispose();
        Assert.Empty(_failures);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_container_sees_its_layers_and_writes_to_itself_only()
    {
        await AddLayer("base", null, new TarBuilder().Directory("etc").File("etc/a", "one").File("etc/b", "two"));
        await AddLayer("top", "base", new TarBuilder().File("etc/b", "changed").File("c", "three"));
        Snapshotter.Prepare("box", "top");
        using (var mount = Snapshotter.OpenMount("box", readOnly: false))
        {
            Assert.Equal("one", Read(mount, "etc/a"));
            Assert.Equal("changed", Read(mount, "etc/b"));
            Write(mount, "etc/a", "mine");
        }
        Snapshotter.Prepare("other", "top");
        using var again = Snapshotter.OpenMount("box", readOnly: false);
        using var other = Snapshotter.OpenMount("other", readOnly: false);
        Assert.Equal("mine", Read(again, "etc/a"));
        Assert.Equal("one", Read(other, "etc/a"));
    }

    [Fact]
    public async Task Whiteouts_delete_what_is_below_and_nothing_else()
    {
        await AddLayer("base", null, new TarBuilder()
            .Directory("d").File("d/old", "1").Directory("d/sub").File("d/sub/x", "1").File("gone", "1")
            .Directory("kept").File("kept/old", "1").Directory("replaced").File("replaced/old", "1"));
        await AddLayer("top", "base", new TarBuilder()
            .File("d/new", "2").File("d/.wh..wh..opq", "").File(".wh.gone", "")
            .Directory("kept").File("kept/new", "2").File("kept/.wh.old", "")
            .File(".wh.replaced", "").Directory("replaced").File("replaced/new", "2"));
        Assert.Equal(["/d", "/d/new", "/kept", "/kept/new", "/replaced", "/replaced/new"], Paths("top"));
    }

    [Fact]
    public async Task Whiteouts_work_in_whatever_order_they_come()
    {
        await AddLayer("base", null, new TarBuilder().Directory("a").File("a/old", "1").Directory("b").File("b/old", "1").File("f", "1"));
        await AddLayer("top", "base", new TarBuilder()
            .Directory("a").File("a/new", "2").File(".wh.a", "").File("b/.wh..wh..opq", "").File("b/new", "2").File("f", "2").File(".wh.f", ""));
        Assert.Equal(["/a", "/a/new", "/b", "/b/new", "/f"], Paths("top"));
    }

    [Fact]
    public async Task Entries_go_through_the_links_and_attributes_of_the_layers_below()
    {
        await AddLayer("base", null, new TarBuilder()
            .Directory("usr", 0x1ed).Directory("usr/lib", 0x1c9).File("usr/lib/libc", "c").Link("lib", "usr/lib").File("file", "shared"));
        await AddLayer("top", "base", new TarBuilder().File("lib/libm", "m").HardLink("usr/name", "file"));
        using var view = Snapshotter.OpenMount("top", readOnly: true);
        Assert.Equal("m", Read(view, "usr/lib/libm"));
        Assert.Equal("c", Read(view, "lib/libc"));
        Assert.Equal("shared", Read(view, "usr/name"));
        Assert.Equal(FileKind.SymbolicLink, FileStatusReader.Read(view, "lib"u8).Kind);
        Assert.Equal(0x1c9u, FileStatusReader.Read(view, "usr/lib"u8).Permissions);
    }

    [Fact]
    public async Task A_file_takes_the_place_of_a_directory_and_the_other_way_round()
    {
        await AddLayer("base", null, new TarBuilder().Directory("d").File("d/x", "1").File("f", "1"));
        await AddLayer("middle", "base", new TarBuilder().File("d", "file").Directory("f").File("f/y", "2"));
        await AddLayer("top", "middle", new TarBuilder().Directory("d").File("d/z", "3"));
        Assert.Equal(["/d", "/f", "/f/y"], Paths("middle"));
        Assert.Equal(["/d", "/d/z", "/f", "/f/y"], Paths("top"));
    }

    [Fact]
    public async Task Changes_are_listed_as_docker_does()
    {
        await AddLayer("base", null, new TarBuilder().Directory("etc").Directory("etc/deep").File("etc/deep/a", "1").File("b", "2").Directory("same")
            .File("same/f", "1"));
        Snapshotter.Prepare("box", "base");
        using (var mount = Snapshotter.OpenMount("box", readOnly: false))
        {
            Write(mount, "etc/deep/a", "changed");
            Write(mount, "same/new", "x");
            FileNodes.TryUnlink(mount, "b"u8);
        }
        Assert.Equal(
            [
                new PathChange("/b", PathChangeKind.Deleted), new PathChange("/etc/deep/a", PathChangeKind.Modified),
                new PathChange("/same", PathChangeKind.Modified), new PathChange("/same/new", PathChangeKind.Added),
            ],
            Snapshotter.ListChanges("box"));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(100, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_committed_container_becomes_a_layer_that_shows_the_same(int seed)
    {
        Directory.CreateDirectory(_temporary["source"]);
        var random = new RandomTree(seed);
        random.Fill(_temporary["source"]);
        using var source = _temporary.Open("source");
        var archive = new MemoryStream();
        LayerDiffer.WriteTree(source, archive);
        await AddLayer("base", null, archive.ToArray());
        Snapshotter.Prepare("box", "base");
        var diff = new MemoryStream();
        List<string> expected;
        using (var mount = Snapshotter.OpenMount("box", readOnly: false))
        {
            random.Change($"{mount.ProcPath}/.");
            expected = TreeListing.Of(mount, withDirectoryTimes: false);
        }
        Snapshotter.WriteDiff("box", diff);
        await AddLayer("committed", "base", diff.ToArray());
        using var committed = Snapshotter.OpenMount("committed", readOnly: true);
        Assert.Equal(expected, TreeListing.Of(committed, withDirectoryTimes: false));
    }

    [Fact]
    public async Task Files_whose_content_comes_while_they_are_packed_are_packed_whole()
    {
        await AddLayer("base", null, new TarBuilder().Directory("dir/").File("dir/below", "1"));
        Snapshotter.Prepare("box", "base");
        var contents = Enumerable.Range(0, 100).Select(number => new string((char)('a' + number % 26), number * 10_000)).ToList();
        var modified = new FileTime(1_000_000_000, 0);
        var diff = new MemoryStream();
        using (var late = new LateContents())
        using (var mount = Snapshotter.OpenMount("box", readOnly: false))
        {
            for (var number = 0; number < contents.Count; number++)
            {
                File.WriteAllText(_temporary[$"source{number}"], contents[number]);
                var from = FileOpener.Open(_temporary[$"source{number}"], OpenFlags.ReadOnly);
                late.Add(from, FileOpener.Open($"{mount.ProcPath}/dir/file{number}", OpenFlags.WriteOnly | OpenFlags.Create, 0x1a4), contents[number].Length,
                    modified);
            }
            Snapshotter.WriteDiff("box", diff, late: late);
            late.Finish();
            Assert.False(late.WasMissed);
        }
        await AddLayer("committed", "base", diff.ToArray());
        foreach (var key in new[] { "box", "committed" })
        {
            using var shown = Snapshotter.OpenMount(key, readOnly: true);
            for (var number = 0; number < contents.Count; number++)
            {
                Assert.Equal(contents[number], File.ReadAllText($"{shown.ProcPath}/dir/file{number}"));
                Assert.Equal(modified, FileStatusReader.Read(shown, Encoding.ASCII.GetBytes($"dir/file{number}")).Modified);
            }
        }
    }

    [Fact]
    public async Task Placeholders_of_mounts_are_no_changes()
    {
        await AddLayer("base", null, new TarBuilder().Directory("etc/").File("etc/kept", "1"));
        Snapshotter.Prepare("box", "base");
        var placeholders = new MountPlaceholders(["/etc/hosts", "/proc", "/full"]);
        using (var mount = Snapshotter.OpenMount("box", readOnly: false))
        {
            var root = $"{mount.ProcPath}/.";
            File.WriteAllText($"{root}/etc/hosts", "");
            Directory.CreateDirectory($"{root}/proc");
            Assert.Empty(Snapshotter.ListChanges("box", placeholders));
            File.WriteAllText($"{root}/full", "the user's");
        }
        Assert.Equal([new PathChange("/full", PathChangeKind.Added)], Snapshotter.ListChanges("box", placeholders));
        Assert.Contains(new PathChange("/etc/hosts", PathChangeKind.Added), Snapshotter.ListChanges("box"));
        var diff = new MemoryStream();
        Snapshotter.WriteDiff("box", diff, placeholders);
        await AddLayer("committed", "base", diff.ToArray());
        using var committed = Snapshotter.OpenMount("committed", readOnly: true);
        Assert.Equal(["etc", "full"], Directory.EnumerateFileSystemEntries($"{committed.ProcPath}/.").Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Entries_of_a_layer_do_not_depend_on_the_time_of_its_root()
    {
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        FileTime below;
        using (var mount = Snapshotter.OpenMount("base", readOnly: true))
            below = FileStatusReader.Read(mount).Modified;
        Assert.Equal(Entries(below), Entries(below with { Seconds = below.Seconds + 1 }));

        List<string> Entries(FileTime time)
        {
            Snapshotter.Prepare("box", "base");
            using (var mount = Snapshotter.OpenMount("box", readOnly: false))
            {
                Write(mount, "b", "2");
                Assert.Equal(default, FileMetadata.TrySetTimes(mount, "."u8, time, time));
            }
            var diff = new MemoryStream();
            Snapshotter.WriteDiff("box", diff);
            Snapshotter.Remove("box");
            diff.Position = 0;
            using var archive = new System.Formats.Tar.TarReader(diff);
            var names = new List<string>();
            while (archive.GetNextEntry() is { } entry)
                names.Add(entry.Name);
            return names;
        }
    }

    [Fact]
    public async Task Layers_and_read_only_mounts_cannot_be_written()
    {
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        Snapshotter.Prepare("box", "base");
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => Snapshotter.OpenMount("base", readOnly: false)).Kind);
        foreach (var key in new[] { "base", "box" })
            using (var mount = Snapshotter.OpenMount(key, readOnly: true))
                Assert.Equal(Errno.EROFS, FileNodes.TryMakeDirectory(mount, "x"u8, 0x1c0));
    }

    [Fact]
    public async Task What_others_are_built_on_is_not_removed()
    {
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        Snapshotter.Prepare("box", "base");
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => Snapshotter.Remove("base")).Kind);
        Assert.True(Snapshotter.Remove("box"));
        Assert.True(Snapshotter.Remove("base"));
        Assert.False(Snapshotter.Remove("base"));
        Assert.Empty(Snapshotter.List());
        await Snapshotter.FlushAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_temporary["root"], "trash")));
    }

    [Fact]
    public void Wrong_keys_and_parents_are_refused()
    {
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => Snapshotter.Prepare("../x", null)).Kind);
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => Snapshotter.Prepare("", null)).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => Snapshotter.Prepare("a", "missing")).Kind);
        Snapshotter.Prepare("a", null);
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => Snapshotter.Prepare("a", null)).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => Snapshotter.Prepare("b", "a")).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => Snapshotter.OpenMount("missing", true)).Kind);
    }

    [Fact]
    public async Task The_second_commit_of_a_layer_is_dropped()
    {
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        Snapshotter.Prepare("extract", null);
        Assert.False(Snapshotter.Commit("base", "extract"));
        Assert.Equal(["base"], Snapshotter.List().Select(snapshot => snapshot.Key));
    }

    [Fact]
    public async Task Snapshots_are_found_again_by_the_next_process()
    {
        await AddLayer("sha256:0a", null, new TarBuilder().File("a", "1"));
        await AddLayer("sha256:0b", "sha256:0a", new TarBuilder().File("b", "1"));
        Snapshotter.Prepare("box", "sha256:0b");
        Snapshotter.OpenMount("box", readOnly: false).Dispose();
        var before = Snapshotter.List();
        Reopen(Snapshotter);
        Assert.Equal(before, Snapshotter.List());
        Assert.Equal(["/a", "/b"], Paths("box"));
    }

    [Fact]
    public async Task After_an_unclean_boot_only_synced_layers_are_left()
    {
        await AddLayer("synced", null, new TarBuilder().File("a", "1"));
        await Snapshotter.FlushAsync();
        await AddLayer("lost", "synced", new TarBuilder().File("b", "1"));
        Snapshotter.Prepare("box", "lost");
        Snapshotter.OpenMount("box", readOnly: false).Dispose();
        _bootId = "the-next-boot";
        Reopen(Snapshotter);
        Assert.True(Snapshotter.Exists("synced"));
        Assert.False(Snapshotter.Exists("lost"));
        Assert.False(Snapshotter.Exists("box"));
        Assert.NotNull(Snapshotter.Find("box"));
        await AddLayer("lost", "synced", new TarBuilder().File("b", "1"));
        Assert.Equal(["/a", "/b"], Paths("box"));
    }

    [Fact]
    public async Task What_was_prepared_and_not_used_is_nowhere_but_keeps_its_parent()
    {
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        Snapshotter.Prepare("box", "base");
        Assert.True(Snapshotter.Exists("box"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_temporary["root"], "writable")));
        Assert.Empty(Snapshotter.Check());
        Assert.Equal((0, 0), (Snapshotter.MeasureUsage("box").Bytes, Snapshotter.MeasureDiskSpace("box")));
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => Snapshotter.Remove("base")).Kind);
        Assert.True(Snapshotter.Remove("box"));
        Assert.Null(Snapshotter.Find("box"));
        Assert.True(Snapshotter.Remove("base"));
        // Nobody remembers it.
        Snapshotter.Prepare("box", null);
        Reopen(Snapshotter);
        Assert.Empty(Snapshotter.List());
        Snapshotter.Prepare("box", null);
    }

    [Fact]
    public async Task What_was_prepared_before_waits_for_a_parent_that_is_missing()
    {
        Snapshotter.Restore("box", "base");
        Assert.NotNull(Snapshotter.Find("box"));
        Assert.False(Snapshotter.Exists("box"));
        Assert.Equal(0, Snapshotter.MeasureUsage("box").Bytes);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => Snapshotter.OpenMount("box", readOnly: true)).Kind);
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        Assert.Equal(["/a"], Paths("box"));
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => Snapshotter.Remove("base")).Kind);
    }

    [Fact]
    public async Task Those_who_use_it_first_at_the_same_time_share_what_one_makes()
    {
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        for (var round = 0; round < 20; round++)
        {
            var key = $"box{round}";
            Snapshotter.Prepare(key, "base");
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Assert.Equal(["/a"], Paths(key)))));
        }
    }

    [Fact]
    public async Task What_is_removed_while_it_is_made_is_not_left()
    {
        await AddLayer("base", null, new TarBuilder().File("a", "1"));
        for (var round = 0; round < 50; round++)
        {
            var key = $"box{round}";
            Snapshotter.Prepare(key, "base");
            var use = Task.Run(() => Record.Exception(() => Snapshotter.OpenMount(key, readOnly: true).Dispose()));
            Assert.True(Snapshotter.Remove(key));
            Assert.True(await use is null or GantryException { Kind: ErrorKind.NotFound } or OsException);
        }
        Assert.Empty(Snapshotter.Check());
    }

    [Fact]
    public void An_unfinished_snapshot_never_was()
    {
        Directory.CreateDirectory(Path.Combine(_temporary["root"], "writable", "half", "work"));
        Directory.CreateDirectory(Path.Combine(_temporary["root"], "layers", "half"));
        Reopen(Snapshotter);
        Assert.Empty(Snapshotter.List());
        Snapshotter.Prepare("half", null);
    }

    [Fact]
    public async Task What_was_not_deleted_before_the_end_is_deleted_at_the_next_start()
    {
        var leftover = Path.Combine(_temporary["root"], "trash", "left");
        Directory.CreateDirectory(Path.Combine(leftover, "a", "b"));
        File.WriteAllText(Path.Combine(leftover, "a", "file"), "x");
        Reopen(Snapshotter);
        await Snapshotter.FlushAsync();
        Assert.False(Directory.Exists(leftover));
    }

    [Fact]
    public void One_process_at_a_time_owns_the_snapshots()
        => Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => Open(_temporary["root"], _bootId, _failures.Add)).Kind);

    [Fact]
    public async Task Usage_counts_what_a_snapshot_has_of_its_own()
    {
        await AddLayer("base", null, new TarBuilder().File("a", new string('x', 1000)).Link("link", "1234567"));
        Snapshotter.Prepare("box", "base");
        Assert.Equal(0, Snapshotter.MeasureUsage("box").Bytes);
        using (var mount = Snapshotter.OpenMount("box", readOnly: false))
            Write(mount, "b", "12345");
        Assert.Equal(5, Snapshotter.MeasureUsage("box").Bytes);
        Assert.Equal(1007, Snapshotter.MeasureUsage("base").Bytes);
    }

    [Fact]
    public async Task The_root_keeps_its_attributes()
    {
        await AddLayer("base", null, new TarBuilder().Directory("./", 0x1c8).File("a", "1"));
        await AddLayer("top", "base", new TarBuilder().File("b", "1"));
        Snapshotter.Prepare("box", "top");
        using var mount = Snapshotter.OpenMount("box", readOnly: false);
        Assert.Equal(0x1c8u, FileStatusReader.Read(mount, "."u8).Permissions);
    }

    [Fact]
    public async Task Many_layers_are_mounted()
    {
        string? parent = null;
        for (var i = 0; i < 130; i++)
        {
            var key = $"sha256:{i:x64}";
            await AddLayer(key, parent, new TarBuilder().File("last", $"{i}"));
            parent = key;
        }
        Snapshotter.Prepare("box", parent);
        using var mount = Snapshotter.OpenMount("box", readOnly: false);
        Assert.Equal("129", Read(mount, "last"));
    }

    protected Task AddLayer(string name, string? parent, TarBuilder archive) => AddLayer(name, parent, archive.ToArray());

    private async Task AddLayer(string name, string? parent, byte[] archive)
    {
        var key = $"extract-{Guid.NewGuid():n}";
        Snapshotter.Prepare(key, parent);
        using (var target = Snapshotter.OpenTarget(key))
            await LayerApplier.ApplyAsync(new MemoryStream(archive), target);
        Assert.True(Snapshotter.Commit(name, key));
    }

    private ISnapshotter Reopen(ISnapshotter? open)
    {
        open?.Dispose();
        return Snapshotter = Open(_temporary["root"], _bootId, _failures.Add);
    }

    private List<string> Paths(string key)
    {
        using var mount = Snapshotter.OpenMount(key, readOnly: true);
        return [.. TreeListing.Of(mount).Skip(1).Select(line => line[..line.IndexOf(' ')])];
    }

    private static string Read(Fd root, string path)
    {
        using var file = FileOpener.Open(root, Encoding.UTF8.GetBytes(path), OpenFlags.ReadOnly);
        var buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, FileData.Read(file, buffer));
    }

    private static void Write(Fd root, string path, string content)
    {
        using var file = FileOpener.Open(root, Encoding.UTF8.GetBytes(path), OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1a4);
        FileData.Write(file, Encoding.UTF8.GetBytes(content));
    }
}
