using Gantry.Engine.Migrate;
using Gantry.Oci;
using Gantry.Os.Files;
using Gantry.Storage.Trees;
using Gantry.Volumes;

namespace Gantry.Engine.Tests.Migrate;

public sealed class DockerVolumesTests : IDisposable
{
    private readonly DockerFolder _docker = new();
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-migrate-").FullName;

    public void Dispose()
    {
        DirectoryTree.Remove(_root);
        _docker.Dispose();
    }

    private DockerVolumes Open(DockerRoot root, out VolumeStore store)
    {
        store = VolumeStore.Open(_root, _ => []);
        return new DockerVolumes(root, store, new VolumeMounts(store, TreeCopier.Copy));
    }

    [Fact]
    public async Task A_volume_comes_with_its_files_and_labels()
    {
        File.SetUnixFileMode(_docker.Write("volumes/data/_data/sub/a", "one"), UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        File.CreateSymbolicLink(Path.Combine(_docker.Root, "volumes/data/_data/link"), "/etc/passwd");
        _docker.Write("volumes/metadata.db", BoltBuilder.Build(
            "volumes", inline: true, ("data", """{"Name":"data","Driver":"local","Labels":{"a":"b"},"Options":null}"""u8.ToArray())));
        using var root = DockerRoot.Open(_docker.Root);
        var volumes = Open(root, out var store);

        var (found, problem) = volumes.Read();
        await volumes.TakeAsync(Assert.Single(found));

        Assert.Null(problem);
        var volume = store.Get("data");
        Assert.Equal("b", volume.Labels!["a"]);
        Assert.Equal("one", File.ReadAllText(Path.Combine(volume.Mountpoint, "sub/a")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.OtherWrite, File.GetUnixFileMode(Path.Combine(volume.Mountpoint, "sub/a")));
        Assert.Equal("/etc/passwd", new FileInfo(Path.Combine(volume.Mountpoint, "link")).LinkTarget);
    }

    [Fact]
    public async Task Options_of_the_driver_are_kept_and_what_lies_elsewhere_is_not_copied()
    {
        _docker.Write("volumes/memory/_data/hidden", "one");
        _docker.Write("volumes/memory/opts.json", """{"MountType":"tmpfs","MountOpts":"size=1m","MountDevice":"tmpfs","Quota":{"Size":0}}""");
        using var root = DockerRoot.Open(_docker.Root);
        var volumes = Open(root, out var store);

        var (found, problem) = volumes.Read();
        await volumes.TakeAsync(Assert.Single(found));

        Assert.Equal("volumes/metadata.db is not there", problem);
        Assert.Equal(new Dictionary<string, string> { ["type"] = "tmpfs", ["o"] = "size=1m", ["device"] = "tmpfs" }, store.Get("memory").Options);
        Assert.Empty(Directory.GetFileSystemEntries(store.Get("memory").Mountpoint));
    }

    [Fact]
    public async Task A_volume_of_another_driver_is_refused()
    {
        _docker.Write("volumes/metadata.db", BoltBuilder.Build("volumes", inline: false, ("far", """{"Name":"far","Driver":"nfs-plugin"}"""u8.ToArray())));
        using var root = DockerRoot.Open(_docker.Root);
        var volumes = Open(root, out var store);
        var volume = Assert.Single(volumes.Read().Volumes);
        Assert.Contains("its driver is nfs-plugin", (await Assert.ThrowsAsync<GantryException>(() => volumes.TakeAsync(volume))).Message,
            StringComparison.Ordinal);
        Assert.Null(store.Find("far"));
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_data_does_not_lead_out()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_root, "outside")).FullName;
        File.WriteAllText(Path.Combine(outside, "secret"), "key");
        _docker.Write("volumes/data/opts.json", "{}");
        File.CreateSymbolicLink(Path.Combine(_docker.Root, "volumes/data/_data"), outside);
        using var root = DockerRoot.Open(_docker.Root);
        var volumes = Open(root, out var store);
        var volume = Assert.Single(volumes.Read().Volumes);
        await Assert.ThrowsAsync<Gantry.Os.OsException>(() => volumes.TakeAsync(volume));
        Assert.Null(store.Find("data"));
    }

    [Fact]
    public void A_lock_on_the_list_tells_of_a_running_Docker()
    {
        _docker.Write("volumes/metadata.db", "");
        using var root = DockerRoot.Open(_docker.Root);
        Assert.False(root.IsInUse);
        using (FileLock.Acquire(Path.Combine(_docker.Root, "volumes/metadata.db")))
            Assert.True(root.IsInUse);
        Assert.False(root.IsInUse);
    }
}
