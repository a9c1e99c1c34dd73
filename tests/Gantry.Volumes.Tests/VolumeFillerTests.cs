using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Volumes.Tests;

public sealed class VolumeFillerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-fill-").FullName;
    private readonly VolumeFiller _filler = new(CopyFiles);

    public VolumeFillerTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "image", "etc", "app"));
        File.WriteAllText(Path.Combine(_root, "image", "etc", "app", "conf"), "from the image");
        File.CreateSymbolicLink(Path.Combine(_root, "image", "link"), "/etc/app");
        File.WriteAllText(Path.Combine(_root, "image", "file"), "");
    }

    public void Dispose() => DirectoryTree.Remove(_root);

    private VolumeStore Open() => VolumeStore.Open(_root, _ => []);

    private bool Fill(Volume volume, string path, VolumeFiller? filler = null)
    {
        using var image = FileOpener.Open(Path.Combine(_root, "image"), OpenFlags.ReadOnly | OpenFlags.Directory);
        return (filler ?? _filler).Fill(volume, image, path, sync: true);
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
        var volume = Open().GetOrCreate("data");
        Assert.True(Fill(volume, path));
        var file = Path.Combine(volume.Mountpoint, "conf");
        Assert.Equal("from the image", File.ReadAllText(file));
        File.WriteAllText(file, "changed");
        Assert.False(Fill(volume, path));
        Assert.Equal("changed", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/file")]
    public void What_the_image_has_no_folder_for_stays_empty(string path)
    {
        var volume = Open().GetOrCreate("data");
        Assert.False(Fill(volume, path));
        Assert.Empty(Directory.GetFileSystemEntries(volume.Mountpoint));
    }

    [Fact]
    public void A_failed_or_interrupted_filling_leaves_it_empty()
    {
        var volume = Open().GetOrCreate("data");
        var failing = new VolumeFiller((source, target) =>
        {
            CopyFiles(source, target);
            throw new OsException("copy", Errno.ENOSPC);
        });
        Assert.Throws<OsException>(() => Fill(volume, "/etc/app", failing));
        Assert.Empty(Directory.GetFileSystemEntries(volume.Mountpoint));

        var folder = Path.GetDirectoryName(volume.Mountpoint)!;
        File.WriteAllText(Path.Combine(folder, "filling"), "");
        File.WriteAllText(Path.Combine(volume.Mountpoint, "half"), "");
        Assert.True(Fill(Open().Get("data"), "/etc/app"));
        Assert.Equal(["conf"], Directory.GetFiles(volume.Mountpoint).Select(Path.GetFileName));
        Assert.False(File.Exists(Path.Combine(folder, "filling")));
    }
}
