using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Volumes.Tests;

public sealed class VolumeFillerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-fill-").FullName;

    public VolumeFillerTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "image", "etc", "app"));
        File.WriteAllText(Path.Combine(_root, "image", "etc", "app", "conf"), "from the image");
        File.CreateSymbolicLink(Path.Combine(_root, "image", "link"), "/etc/app");
        File.WriteAllText(Path.Combine(_root, "image", "file"), "");
    }

    public void Dispose() => DirectoryTree.Remove(_root);

    private VolumeStore Open() => VolumeStore.Open(_root, _ => []);

    private bool Fill(VolumeStore store, string path, Action<Fd, Fd>? copy = null)
    {
        using var image = FileOpener.Open(Path.Combine(_root, "image"), OpenFlags.ReadOnly | OpenFlags.Directory);
        return new VolumeMounts(store, copy ?? CopyFiles).Fill("data", image, path, sync: true);
    }

    private static void CopyFiles(Fd source, Fd target)
    {
        foreach (var file in Directory.GetFiles(source.ProcPath))
            File.Copy(file, Path.Combine(target.ProcPath, Path.GetFileName(file)));
    }

    [Theory]
    [InlineData("/etc/app")]
    [InlineData("/link")]
    [InlineData("/../etc/app/")]
    public void An_empty_volume_is_filled_once(string path)
    {
        var store = Open();
        var volume = store.GetOrCreate("data");
        Assert.True(Fill(store, path));
        var file = Path.Combine(volume.Mountpoint, "conf");
        Assert.Equal("from the image", File.ReadAllText(file));
        File.WriteAllText(file, "changed");
        Assert.False(Fill(store, path));
        Assert.Equal("changed", File.ReadAllText(file));
    }

    [Fact]
    public void What_the_image_has_no_folder_for_stays_empty()
    {
        var store = Open();
        var volume = store.GetOrCreate("data");
        Assert.False(Fill(store, "/nowhere"));
        Assert.Equal("source /file is not directory", Assert.Throws<GantryException>(() => Fill(store, "/file")).Message);
        Assert.Empty(Directory.GetFileSystemEntries(volume.Mountpoint));
    }

    [Fact]
    public void A_failed_or_interrupted_filling_leaves_it_empty()
    {
        var store = Open();
        var volume = store.GetOrCreate("data");
        Assert.Throws<OsException>(() => Fill(store, "/etc/app", (source, target) =>
        {
            CopyFiles(source, target);
            throw new OsException("copy", Errno.ENOSPC);
        }));
        Assert.Empty(Directory.GetFileSystemEntries(volume.Mountpoint));

        var folder = Path.GetDirectoryName(volume.Mountpoint)!;
        File.WriteAllText(Path.Combine(folder, "filling"), "");
        File.WriteAllText(Path.Combine(volume.Mountpoint, "half"), "");
        Assert.True(Fill(Open(), "/etc/app"));
        Assert.Equal(["conf"], Directory.GetFiles(volume.Mountpoint).Select(Path.GetFileName));
        Assert.False(File.Exists(Path.Combine(folder, "filling")));
    }
}
