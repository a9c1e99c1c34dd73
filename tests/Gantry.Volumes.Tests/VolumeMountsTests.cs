using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Volumes.Tests;

public sealed class VolumeMountsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-mounts-").FullName;

    public void Dispose()
    {
        foreach (var mount in MountTable.Read().Where(mount => mount.MountPoint.StartsWith(_root, StringComparison.Ordinal)).Reverse())
            HostMount.TryUnmount(mount.MountPoint, detach: true);
        DirectoryTree.Remove(_root);
    }

    private VolumeStore Open() => VolumeStore.Open(Path.Combine(_root, "engine"), _ => []);

    private static VolumeMounts Mounts(VolumeStore store) => new(store, (_, _) => { });

    private static Volume Tmpfs(VolumeStore store, string options = "size=1m,mode=0750,noexec") =>
        store.GetOrCreate("memory", options: new Dictionary<string, string> { ["type"] = "tmpfs", ["device"] = "tmpfs", ["o"] = options });

    private static MountTableEntry? At(Volume volume) => MountTable.Read().SingleOrDefault(mount => mount.MountPoint == volume.Mountpoint);

    [Fact]
    public void It_is_mounted_for_the_first_and_unmounted_after_the_last()
    {
        var store = Open();
        var volume = Tmpfs(store);
        var mounts = Mounts(store);
        Assert.Null(At(volume));
        var first = mounts.Open("memory");
        Assert.Equal("tmpfs", At(volume)!.Type);
        File.WriteAllText(Path.Combine(volume.Mountpoint, "file"), "x");
        var second = mounts.Open("memory");
        Assert.Equal(["file"], DirectoryReader.Read(FileOpener.Open(second.Folder, "."u8, OpenFlags.ReadOnly)).Select(entry => KernelPath.ToText(entry.Name)));
        first.Dispose();
        first.Dispose();
        Assert.NotNull(At(volume));
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => store.Remove("memory")).Kind);
        second.Dispose();
        Assert.Null(At(volume));
        store.Remove("memory");
    }

    [Fact]
    public void After_a_crash_what_is_used_stays_mounted_and_what_is_not_does_not()
    {
        var store = Open();
        var volume = Tmpfs(store);
        _ = Mounts(store).Open("memory");
        File.WriteAllText(Path.Combine(volume.Mountpoint, "file"), "x");

        // The next daemon finds it mounted, and a container that uses it.
        store = Open();
        var mounts = Mounts(store);
        var adopted = mounts.Adopt("memory")!;
        mounts.UnmountUnused();
        Assert.True(File.Exists(Path.Combine(volume.Mountpoint, "file")));
        using (mounts.Open("memory"))
            adopted.Dispose();
        Assert.Null(At(volume));

        // And the one after that finds it mounted, and nobody who uses it.
        _ = mounts.Open("memory");
        store = Open();
        Mounts(store).UnmountUnused();
        Assert.Null(At(volume));
        Assert.Null(Mounts(store).Adopt("memory"));
    }

    [Fact]
    public void What_is_mounted_is_never_removed_with_the_volume()
    {
        var theirs = Directory.CreateDirectory(Path.Combine(_root, "theirs")).FullName;
        File.WriteAllText(Path.Combine(theirs, "file"), "x");
        var store = Open();
        var volume = store.GetOrCreate("bound", options: new Dictionary<string, string> { ["type"] = "none", ["device"] = theirs, ["o"] = "bind" });
        _ = Mounts(store).Open("bound");
        // A daemon that died left it mounted; the next one is asked to remove it, before or after it takes it out of sight.
        store = Open();
        store.Remove("bound");
        Assert.True(File.Exists(Path.Combine(theirs, "file")));

        volume = store.GetOrCreate("plain");
        using (var target = FileOpener.Open(volume.Mountpoint, OpenFlags.Path))
            Assert.Equal(0, HostMount.TryMount(theirs, target, "", 4096, "").Value);
        Directory.Move(Path.GetDirectoryName(volume.Mountpoint)!, Path.Combine(_root, "engine", "volumes", ".removed-1"));
        Assert.Empty(Open().List(ObjectFilters.None));
        Assert.True(File.Exists(Path.Combine(theirs, "file")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root, "engine", "volumes")));
    }

    [Fact]
    public void A_bind_can_be_read_only()
    {
        var theirs = Directory.CreateDirectory(Path.Combine(_root, "theirs")).FullName;
        var store = Open();
        var volume = store.GetOrCreate("bound", options: new Dictionary<string, string> { ["type"] = "none", ["device"] = theirs, ["o"] = "bind,ro" });
        using (Mounts(store).Open("bound"))
        {
            Assert.Equal(Os.Errno.EROFS, Assert.Throws<Os.OsException>(() =>
                FileNodes.MakeDirectory(null, KernelPath.FromText(volume.Mountpoint + "/new"), 0x1ff)).Errno);
            Directory.CreateDirectory(Path.Combine(theirs, "made-on-the-host"));
        }
    }

    [Theory]
    [InlineData("none", "/nonexistent/x", "bind", "failed to mount local volume: mount /nonexistent/x:{0}, flags: 0x1000: no such file or directory")]
    [InlineData("foofs", "foo", "", "failed to mount local volume: mount foo:{0}: no such device")]
    [InlineData("foofs", "foo", "ro,password=secret,x", "failed to mount local volume: mount foo:{0}, flags: 0x1, data: password=********,x: no such device")]
    [InlineData("nfs", ":/x", "addr=no.such.host.invalid,soft", "error resolving passed in network volume address: lookup no.such.host.invalid: no such host")]
    [InlineData("cifs", "//no.such.host.invalid/share", "username=u",
        "error resolving passed in network volume address: lookup no.such.host.invalid: no such host")]
    public void What_cannot_be_mounted_is_told_in_docker_s_words(string type, string device, string options, string message)
    {
        var store = Open();
        var volume = store.GetOrCreate("broken", options: new Dictionary<string, string> { ["type"] = type, ["device"] = device, ["o"] = options });
        var error = Assert.Throws<GantryException>(() => Mounts(store).Open("broken"));
        Assert.Equal($"error while mounting volume '{volume.Mountpoint}': "
            + string.Format(System.Globalization.CultureInfo.InvariantCulture, message, volume.Mountpoint), error.Message);
        store.Remove("broken");
    }

    [Fact]
    public async Task Only_an_empty_volume_is_filled()
    {
        var store = Open();
        var volume = store.GetOrCreate("data");
        var mounts = Mounts(store);
        await Assert.ThrowsAsync<InvalidDataException>(() => mounts.FillAsync("data", async folder =>
        {
            await File.WriteAllTextAsync(folder.ProcPath + "/half", "x");
            throw new InvalidDataException();
        }));
        Assert.Empty(Directory.GetFileSystemEntries(volume.Mountpoint));
        await mounts.FillAsync("data", folder => File.WriteAllTextAsync(folder.ProcPath + "/file", "x"));
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<GantryException>(() => mounts.FillAsync("data", _ => Task.CompletedTask))).Kind);
        Assert.Equal("x", File.ReadAllText(Path.Combine(volume.Mountpoint, "file")));
    }
}
