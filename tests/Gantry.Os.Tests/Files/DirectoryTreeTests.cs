using Gantry.Os.Files;

namespace Gantry.Os.Tests.Files;

public sealed class DirectoryTreeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-tree-").FullName;

    public void Dispose() => DirectoryTree.Remove(_folder);

    [Fact]
    public void Removes_names_that_are_no_text_and_does_not_follow_links()
    {
        var outside = Path.Combine(_folder, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "keep"), "");
        var tree = Path.Combine(_folder, "tree");
        Directory.CreateDirectory(Path.Combine(tree, "sub"));
        File.CreateSymbolicLink(Path.Combine(tree, "link"), outside);
        FileNodes.MakeDirectory(null, [.. KernelPath.FromText(tree), (byte)'/', 0xff, 0xfe], 0x1ed);

        DirectoryTree.Remove(tree);

        Assert.False(Directory.Exists(tree));
        Assert.True(File.Exists(Path.Combine(outside, "keep")));
    }

    [Fact]
    public void Removes_a_tree_deeper_than_any_path()
    {
        var tree = Path.Combine(_folder, "deep");
        Directory.CreateDirectory(tree);
        var directory = FileOpener.Open(tree, OpenFlags.ReadOnly | OpenFlags.Directory);
        for (var i = 0; i < 5000; i++)
        {
            FileNodes.MakeDirectory(directory, "d"u8, 0x1c0);
            var next = FileOpener.Open(directory, "d"u8, OpenFlags.ReadOnly | OpenFlags.Directory);
            directory.Dispose();
            directory = next;
        }
        directory.Dispose();

        Assert.True(DirectoryTree.Usage(tree) >= 0);
        DirectoryTree.Remove(tree);

        Assert.False(Directory.Exists(tree));
    }

    [Fact]
    public void Usage_counts_hard_links_once_and_missing_trees_as_nothing()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllBytes(file, new byte[64 * 1024]);
        var before = DirectoryTree.Usage(_folder);
        Assert.True(before >= 64 * 1024);
        Assert.Equal(0, FileNodes.TryLink(null, KernelPath.FromText(file), null, KernelPath.FromText(file + "2")).Value);
        Assert.InRange(DirectoryTree.Usage(_folder), before, before + 8192);
        Assert.Equal(0, DirectoryTree.Usage(Path.Combine(_folder, "missing")));
    }

    [Fact]
    public void Removes_single_files_and_ignores_missing_ones()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "x");
        DirectoryTree.Remove(file);
        DirectoryTree.Remove(file);
        DirectoryTree.Remove(Path.Combine(_folder, "no", "such"));
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Files_are_replaced_as_a_whole(bool sync)
    {
        var path = Path.Combine(_folder, "document.json");
        AtomicFile.Write(path, "one"u8, sync);
        AtomicFile.Write(path, "two"u8, sync);
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal(0x180u, FileStatusReader.Read(null, KernelPath.FromText(path)).Permissions);
    }

    [Fact]
    public void A_failed_replacement_leaves_the_old_content()
    {
        var path = Path.Combine(_folder, "taken");
        Directory.CreateDirectory(path);
        Assert.ThrowsAny<SystemException>(() => AtomicFile.Write(path, "x"u8, sync: false));
        Assert.Empty(Directory.GetFiles(_folder));
    }
}
