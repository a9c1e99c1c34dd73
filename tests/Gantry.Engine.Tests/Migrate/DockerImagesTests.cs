using Gantry.Engine.Migrate;
using Gantry.Images;
using Gantry.Images.Layers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Tests.Migrate;

public sealed class DockerImagesTests : IDisposable
{
    private readonly DockerFolder _docker = new();
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-migrate-").FullName;
    private readonly ContentStore _content;
    private readonly ISnapshotter _snapshots;
    private readonly ImageStore _store;
    private readonly List<ImageProgress> _progress = [];

    public DockerImagesTests()
    {
        _content = ContentStore.Open(Path.Combine(_root, "images"));
        _snapshots = SnapshotterSelector.Open(Path.Combine(_root, "snapshots"), null, _ => { });
        _store = ImageStore.Open(_content, _snapshots);
    }

    public void Dispose()
    {
        _store.Use.Dispose();
        _snapshots.FlushAsync().GetAwaiter().GetResult();
        _snapshots.Dispose();
        _content.Dispose();
        DirectoryTree.Remove(_root);
        _docker.Dispose();
    }

    private async Task<Image> TakeAsync()
    {
        using var root = DockerRoot.Open(_docker.Root);
        var images = new DockerImages(root);
        var image = Assert.Single(images.Read());
        return await new ImageAssembler(_store, new ImageUnpacker(_content, _snapshots)).AssembleAsync(
            images.ReadConfig(image), image.Names, (chainId, output) => images.WriteLayer(chainId, output, _progress.Add, CancellationToken.None));
    }

    private string ReadFile(Image image, string path)
    {
        using var mount = _snapshots.OpenMount(image.TopSnapshot!, readOnly: true);
        using var file = FileOpener.OpenWithin(mount, KernelPath.FromText(path), OpenFlags.ReadOnly, ResolveFlags.InRoot);
        var buffer = new byte[100];
        return KernelPath.ToText(buffer.AsSpan(0, FileData.Read(file, buffer)));
    }

    [Fact]
    public async Task An_image_comes_with_its_ID_its_names_and_its_files()
    {
        var below = Digest.Compute(DockerFolder.Archive(("etc/a", "one")));
        _docker.AddLayer("c1", below, ("etc/a", "one"));
        (string, string)[] files = [("etc/b", new string('x', 700)), ("c", "")];
        var above = Digest.Compute(DockerFolder.Archive(files));
        _docker.AddLayer("c2", ChainId.All([below, above])[1], files);
        var id = _docker.AddImage([below, above], "app:1", "app:latest", $"app@{below}");

        var image = await TakeAsync();

        Assert.Equal(id, image.Id);
        Assert.Equal(["app:1", "app:latest"], image.RepoTags);
        Assert.Equal("one", ReadFile(image, "etc/a"));
        Assert.Equal('x', ReadFile(image, "etc/b")[99]);
        Assert.Equal([(3L, 3L), (700L, 700L)], _progress.Select(progress => (progress.Current, progress.Total)));
        Assert.Equal([below, above], image.Layers.Select(layer => layer.DiffId));
    }

    [Fact]
    public async Task A_file_that_was_changed_on_the_disk_is_an_error_and_nothing_is_left()
    {
        var layer = Digest.Compute(DockerFolder.Archive(("a", "one")));
        _docker.AddLayer("c1", layer, ("a", "one"));
        _docker.AddImage([layer], "app:1");
        _docker.Write("overlay2/c1/diff/a", "two");
        Assert.Contains("has the digest", (await Assert.ThrowsAsync<GantryException>(TakeAsync)).Message, StringComparison.Ordinal);
        _docker.Write("overlay2/c1/diff/a", "tw");
        Assert.Contains("is shorter", (await Assert.ThrowsAsync<GantryException>(TakeAsync)).Message, StringComparison.Ordinal);
        Assert.Empty(_store.Images);
        Assert.Empty(_content.List());
    }

    [Theory]
    [InlineData("../../../../etc")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task The_folder_of_a_layer_is_a_name_and_no_path(string cacheId)
    {
        var layer = Digest.Compute(DockerFolder.Archive(("a", "one")));
        _docker.AddLayer("c1", layer, ("a", "one"));
        _docker.AddImage([layer], "app:1");
        _docker.Write($"image/overlay2/layerdb/sha256/{layer.Hex}/cache-id", cacheId);
        Assert.Contains("no name of a layer's folder", (await Assert.ThrowsAsync<GantryException>(TakeAsync)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../../secret")]
    [InlineData("link/secret")]
    [InlineData("all")]
    public async Task Names_and_links_of_a_layer_do_not_lead_out_of_it(string name)
    {
        var secret = Path.Combine(_docker.Root, "secret");
        File.WriteAllText(secret, "key");
        var layer = Digest.Compute(DockerFolder.Archive((name, "key")));
        _docker.Write($"image/overlay2/layerdb/sha256/{layer.Hex}/cache-id", "c1");
        _docker.Write($"image/overlay2/layerdb/sha256/{layer.Hex}/size", "3");
        _docker.Write($"image/overlay2/layerdb/sha256/{layer.Hex}/tar-split.json.gz",
            DockerFolder.Describe(DockerFolder.Archive((name, "key")), [(name, "key")]));
        Directory.CreateDirectory(Path.Combine(_docker.Root, "overlay2/c1/diff"));
        File.CreateSymbolicLink(Path.Combine(_docker.Root, "overlay2/c1/diff/link"), _docker.Root);
        File.CreateSymbolicLink(Path.Combine(_docker.Root, "overlay2/c1/diff/all"), secret);
        _docker.AddImage([layer], "app:1");
        Assert.Contains("is missing", (await Assert.ThrowsAsync<GantryException>(TakeAsync)).Message, StringComparison.Ordinal);
    }
}
