using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Os.Files;

namespace Gantry.Volumes.Tests;

public sealed class VolumeStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-volumes-").FullName;
    private readonly List<VolumeEvent> _events = [];
    private readonly Dictionary<string, string[]> _users = [];

    public void Dispose() => DirectoryTree.Remove(_root);

    private VolumeStore Open() => VolumeStore.Open(_root, name => _users.GetValueOrDefault(name, []), _events.Add);

    [Fact]
    public void A_volume_is_still_there_at_the_next_start()
    {
        var volume = Open().GetOrCreate("data", "local", null, new Dictionary<string, string> { ["a"] = "b" });
        File.WriteAllText(Path.Combine(volume.Mountpoint, "file"), "x");

        var store = Open();
        Assert.Equivalent(volume, store.Get("data"));
        Assert.Equal(Path.Combine(_root, "volumes", "data", "_data"), volume.Mountpoint);
        Assert.Same(store.Get("data"), store.GetOrCreate("data", options: new Dictionary<string, string> { ["type"] = "tmpfs" }));
        Assert.Equal(0x1edu, FileStatusReader.Read(null, KernelPath.FromText(volume.Mountpoint)).Permissions);
        Assert.Equal(["create"], _events.Select(e => e.Action));
    }

    [Theory]
    [InlineData("x", "create x: volume name is too short, names should be at least two alphanumeric characters")]
    [InlineData("a/b",
        "create a/b: \"a/b\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path")]
    [InlineData("..",
        "create ..: \"..\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path")]
    public void Names_are_checked(string name, string message)
    {
        Assert.Equal(message, Assert.Throws<GantryException>(() => Open().GetOrCreate(name)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "volumes")));
    }

    [Theory]
    [InlineData("foo", "bar", ErrorKind.InvalidArgument, "create vv: invalid option: \"foo\"")]
    [InlineData("type", "tmpfs", ErrorKind.InvalidArgument, "create vv: missing required option: \"device\"")]
    [InlineData("device", "/x", ErrorKind.InvalidArgument, "create vv: missing required option: \"type\"")]
    [InlineData("o", "bind", ErrorKind.InvalidArgument, "create vv: missing required option: \"device\"")]
    [InlineData("size", "10m", ErrorKind.InvalidArgument, "create vv: quota size requested but no quota support")]
    [InlineData("size", "1x", ErrorKind.InvalidArgument, "create vv: invalid suffix: 'x'")]
    [InlineData("size", "1mm", ErrorKind.InvalidArgument, "create vv: invalid suffix: 'mm'")]
    [InlineData("size", "k", ErrorKind.InvalidArgument, "create vv: invalid size: 'k'")]
    [InlineData("size", "1.2.3k", ErrorKind.InvalidArgument, "create vv: invalid size: '1.2.3k'")]
    public void Options_are_refused_in_dockers_words(string key, string value, ErrorKind kind, string message)
    {
        var error = Assert.Throws<GantryException>(() => Open().GetOrCreate("vv", null, new Dictionary<string, string> { [key] = value }));
        Assert.Equal((kind, message), (error.Kind, error.Message));
    }

    [Fact]
    public void A_driver_that_is_not_there_is_refused_also_for_a_volume_that_is()
    {
        var store = Open();
        foreach (var _ in (int[])[1, 2])
        {
            Assert.Equal("create vv: error looking up volume plugin foo: plugin \"foo\" not found",
                Assert.Throws<GantryException>(() => store.GetOrCreate("vv", "foo")).Message);
            store.GetOrCreate("vv");
        }
    }

    [Fact]
    public void A_volume_whose_container_never_came_to_be_goes_at_the_next_start()
    {
        var store = Open();
        var lost = store.CreateAnonymous("never", sync: true);
        var unsettled = store.CreateAnonymous("made", sync: true);
        var settled = store.CreateAnonymous("left-behind", sync: true);
        var afterPowerCut = store.CreateAnonymous("other-boot", sync: true);
        var nobodys = store.CreateAnonymous(null, sync: true);
        store.Settle(settled.Name);
        File.WriteAllText(Path.Combine(_root, "volumes", afterPowerCut.Name, "made-for"), "00000000-0000-0000-0000-000000000000 other-boot");

        var next = Open();
        next.RemoveUnsettled(id => id == "made");
        Assert.Null(next.Find(lost.Name));
        Assert.All([unsettled, settled, afterPowerCut, nobodys], volume => Assert.NotNull(next.Find(volume.Name)));
        // What was settled stays, whatever becomes of its container.
        Open().RemoveUnsettled(_ => false);
        Assert.Equal(4, Open().List(ObjectFilters.None).Count);
    }

    [Fact]
    public void A_draft_is_a_volume_once_it_is_published()
    {
        var store = Open();
        using (var draft = store.Draft("drafted", new Dictionary<string, string> { ["a"] = "b" }))
        {
            File.WriteAllText(Path.Combine(draft.Folder, "file"), "x");
            Assert.Null(store.Find("drafted"));
            // A daemon that dies here leaves nothing of it; this one goes on.
            var volume = draft.Publish();
            Assert.Equal("x", File.ReadAllText(Path.Combine(volume.Mountpoint, "file")));
        }
        Assert.Equal("b", Open().Get("drafted").Labels!["a"]);
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => store.Draft("drafted", null)).Kind);
        using (store.Draft("given-up", null))
        {
        }
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(_root, "volumes")));
    }

    [Fact]
    public void A_volume_with_options_is_not_pruned()
    {
        var store = Open();
        store.GetOrCreate("bound", options: new Dictionary<string, string> { ["type"] = "none", ["o"] = "bind,ro", ["device"] = _root });
        Assert.True(store.Get("bound").IsMounted);
        Assert.Empty(store.Prune(ObjectFilters.Of(("all", "1"))).Deleted);
        Assert.True(Open().Get("bound").IsMounted);
    }

    [Fact]
    public void A_volume_in_use_stays()
    {
        var store = Open();
        store.GetOrCreate("used");
        _users["used"] = ["c1", "c2"];
        Assert.Equal("remove used: volume is in use - [c1, c2]", Assert.Throws<GantryException>(() => store.Remove("used", force: true)).Message);
        _users.Clear();
        using (store.Hold("used"))
            Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => store.Remove("used")).Kind);
        store.Remove("used");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "volumes")));
        Assert.Equal("get used: no such volume", Assert.Throws<GantryException>(() => store.Remove("used")).Message);
        store.Remove("used", force: true);
        Assert.Null(Open().Find("used"));
    }

    [Fact]
    public void Anonymous_volumes_are_pruned_first_and_go_with_their_container()
    {
        var store = Open();
        var anonymous = store.CreateAnonymous(null, sync: false);
        var kept = store.CreateAnonymous(null, sync: false);
        _users[kept.Name] = ["c"];
        store.GetOrCreate("named");
        File.WriteAllBytes(Path.Combine(anonymous.Mountpoint, "file"), new byte[100_000]);

        var result = store.Prune(ObjectFilters.None);
        Assert.Equal([anonymous.Name], result.Deleted);
        Assert.True(result.SpaceReclaimed >= 100_000);
        store.RemoveAnonymous(kept.Name);
        Assert.NotNull(store.Find(kept.Name));
        _users.Clear();
        store.RemoveAnonymous(kept.Name);
        store.RemoveAnonymous(kept.Name);
        Assert.Null(store.Find(kept.Name));
        Assert.Equal(["named"], store.Prune(ObjectFilters.Of(("all", "1"))).Deleted);
    }

    [Fact]
    public void Lists_are_filtered()
    {
        var store = Open();
        store.GetOrCreate("alpha", labels: new Dictionary<string, string> { ["k"] = "v" });
        store.GetOrCreate("beta");
        _users["beta"] = ["c"];
        string[] Names(params (string, string)[] filters) => [.. store.List(ObjectFilters.Of(filters)).Select(v => v.Name)];
        Assert.Equal(["alpha", "beta"], Names());
        Assert.Equal(["alpha"], Names(("label", "k=v")));
        Assert.Equal(["alpha"], Names(("dangling", "true")));
        Assert.Equal(["beta"], Names(("dangling", "false")));
        Assert.Equal(["beta"], Names(("name", "et")));
        Assert.Empty(Names(("driver", "nfs")));
        Assert.Equal("invalid filter 'foo'", Assert.Throws<GantryException>(() => Names(("foo", "x"))).Message);
    }

    [Fact]
    public void What_a_crash_left_is_cleaned_up_and_data_without_a_document_is_kept()
    {
        var volumes = Path.Combine(_root, "volumes");
        Directory.CreateDirectory(Path.Combine(volumes, ".new-1", "_data"));
        Directory.CreateDirectory(Path.Combine(volumes, ".removed-1", "_data", "deep"));
        Directory.CreateDirectory(Path.Combine(volumes, new string('a', 64), "_data"));
        Directory.CreateDirectory(Path.Combine(volumes, "torn", "_data"));
        File.WriteAllText(Path.Combine(volumes, "torn", "volume.json"), "");
        var store = Open();
        Assert.Equal([new string('a', 64), "torn"], store.List(ObjectFilters.None).Select(v => v.Name));
        Assert.True(store.Get(new string('a', 64)).IsAnonymous);
        Assert.Equal(2, Directory.GetFileSystemEntries(volumes).Length);
    }

    [Fact]
    public void Many_threads_get_the_same_volume()
    {
        var store = Open();
        var found = new Volume[32];
        Parallel.For(0, found.Length, i => found[i] = store.GetOrCreate("shared"));
        Assert.All(found, volume => Assert.Same(found[0], volume));
    }
}
