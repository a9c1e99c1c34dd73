using Gantry.Engine.Migrate;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Layers;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Tests.Migrate;

public sealed class WritableLayerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-migrate-").FullName;
    private readonly List<ISnapshotter> _snapshotters = [];

    public void Dispose()
    {
        foreach (var snapshotter in _snapshotters)
        {
            snapshotter.FlushAsync().GetAwaiter().GetResult();
            snapshotter.Dispose();
        }
        DirectoryTree.Remove(_root);
    }

    /// <summary>A container's snapshot on a layer with the files a, b, old/c and gone.</summary>
    private async Task<ISnapshotter> PrepareAsync(string driver)
    {
        var snapshots = SnapshotterSelector.Open(Path.Combine(_root, driver), driver, _ => { });
        _snapshotters.Add(snapshots);
        snapshots.Prepare("new", null, forLayer: true);
        using (var target = snapshots.OpenTarget("new"))
            await LayerApplier.ApplyAsync(new MemoryStream(DockerFolder.Archive(("a", "one"), ("b", "two"), ("old/c", "three"), ("gone", "four"))), target);
        snapshots.Commit("layer", "new");
        snapshots.Prepare("container", "layer");
        return snapshots;
    }

    /// <summary>
    /// What overlayfs has in an upper directory after <c>a</c> was changed, <c>gone</c> removed, <c>old</c> replaced and <c>sub/new</c> made.
    /// </summary>
    private string MakeUpper()
    {
        var upper = Directory.CreateDirectory(Path.Combine(_root, "upper")).FullName;
        File.WriteAllText(Path.Combine(upper, "a"), "changed");
        Directory.CreateDirectory(Path.Combine(upper, "sub"));
        File.WriteAllText(Path.Combine(upper, "sub/new"), "five");
        Directory.CreateDirectory(Path.Combine(upper, "old"));
        File.WriteAllText(Path.Combine(upper, "old/d"), "six");
        using var folder = FileOpener.Open(upper, OpenFlags.Directory);
        Assert.Equal(default, FileMetadata.TrySetOwner(folder, "a"u8, 12, 13));
        Assert.Equal(default, FileNodes.TryMakeNode(folder, "gone"u8, FileKind.CharacterDevice, 0, default));
        using var old = FileOpener.Open(folder, "old"u8, OpenFlags.Directory);
        Assert.Equal(default, ExtendedAttributes.TrySet(old, "trusted.overlay.opaque"u8, "y"u8));
        return upper;
    }

    [Theory]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task Changes_and_deletions_are_those_of_the_other_engine(string driver)
    {
        var snapshots = await PrepareAsync(driver);
        using (var upper = FileOpener.Open(MakeUpper(), OpenFlags.Directory))
            await WritableLayer.CopyAsync(snapshots, "container", upper, CancellationToken.None);

        using var mount = snapshots.OpenMount("container", readOnly: false);
        using var top = FileOpener.Open(mount, "."u8, OpenFlags.Directory);
        Assert.Equal(["a", "b", "old", "sub"], Names(top));
        using (var old = FileOpener.Open(mount, "old"u8, OpenFlags.Directory))
            Assert.Equal(["d"], Names(old));
        Assert.Equal((12u, 13u), (FileStatusReader.Read(mount, "a"u8).UserId, FileStatusReader.Read(mount, "a"u8).GroupId));
        Assert.Equal(7, FileStatusReader.Read(mount, "a"u8).Size);
        Assert.Equal(3, FileStatusReader.Read(mount, "b"u8).Size);
        Assert.Equal(4, FileStatusReader.Read(mount, "sub/new"u8).Size);
    }

    [Fact]
    public async Task What_overlayfs_only_moved_is_refused()
    {
        var snapshots = await PrepareAsync("overlay");
        using var upper = FileOpener.Open(MakeUpper(), OpenFlags.Directory);
        using (var sub = FileOpener.Open(upper, "sub"u8, OpenFlags.Directory))
            Assert.Equal(default, ExtendedAttributes.TrySet(sub, "trusted.overlay.redirect"u8, "/old"u8));
        var error = await Assert.ThrowsAsync<OsException>(() => WritableLayer.CopyAsync(snapshots, "container", upper, CancellationToken.None));
        Assert.Contains("redirect_dir", error.Message, StringComparison.Ordinal);
    }

    private static List<string> Names(Fd folder) =>
        [.. DirectoryReader.Read(folder).Select(entry => KernelPath.ToText(entry.Name)).Order(StringComparer.Ordinal)];
}
