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
    [InlineData("a/b", "create a/b: \"a/b\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path")]
    [InlineData("..", "create ..: \"..\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path")]
    public void Names_are_checked(string name, string message)
    {
        Assert.Equal(message, Assert.Throws<GantryException>(() => Open().GetOrCreate(name)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "volumes")));
    }

    [Theory]
    [InlineData("foo", "bar", ErrorKind.InvalidArgument, "create vv: invalid option: \"foo\"")]
    [InlineData("type", "tmpfs", ErrorKind.InvalidArgument, "create vv: missing required option: \"device\"")]
    [InlineData("size", "10m", ErrorKind.InvalidArgument, "create vv: quota size requested but no quota support")]
    public void Options_are_refused_in_dockers_words(string key, string value, ErrorKind kind, string message)
    {
        var error = Assert.Throws<GantryException>(() => Open().GetOrCreate("vv", null, new Dictionary<string, string> { [key] = value }));
        Assert.Equal((kind, message), (error.Kind, error.Message));
    }

    [Fact]
    public void What_is_not_supported_says_so()
    {
        var tmpfs = new Dictionary<string, string> { ["type"] = "tmpfs", ["device"] = "tmpfs", ["o"] = "size=1m" };
        Assert.Equal(ErrorKind.NotImplemented, Assert.Throws<GantryException>(() => Open().GetOrCreate("vv", null, tmpfs)).Kind);
        Assert.Equal("create vv: error looking up volume plugin foo: plugin \"foo\" not found", Assert.Throws<GantryException>(() => Open().GetOrCreate("vv", "foo")).Message);
    }

    [Fact]
    public void A_bind_volume_gives_the_device()
    {
        var options = new Dictionary<string, string> { ["type"] = "none", ["o"] = "bind,ro", ["device"] = _root };
        var volume = Open().GetOrCreate("bound", null, options);
        Assert.Equal((_root, true), (volume.Source, volume.ReadOnly));
        Assert.EndsWith("/_data", volume.Mountpoint, StringComparison.Ordinal);
        Assert.Equal(_root, Open().Get("bound").Source);
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
        var anonymous = store.CreateAnonymous(sync: false);
        var kept = store.CreateAnonymous(sync: false);
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
