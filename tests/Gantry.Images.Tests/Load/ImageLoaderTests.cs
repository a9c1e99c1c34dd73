using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Archives;

namespace Gantry.Images.Tests.Load;

public sealed class ImageLoaderTests : IDisposable
{
    private static readonly byte[] Lower = Archives.Layer(("hello", "hello\n"), ("gone", "x"));
    private static readonly byte[] Upper = Archives.Layer(("hello", "hello again\n"), (".wh.gone", ""));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_docker_archive_becomes_an_image(string compression)
    {
        var config = Archives.Config([Lower, Upper]);
        var archive = Archives.Docker(["busybox:1", "localhost:5000/a/b:latest"], config, Lower, Upper);
        var compressed = compression switch { "gzip" => Archives.Gzip(archive), "zstd" => Archives.Zstd(archive), _ => archive };

        var image = Assert.Single(await _world.LoadAsync(compressed));

        Assert.Equal(Digest.Compute(config), image.Id);
        Assert.Equal(["busybox:1", "localhost:5000/a/b:latest"], image.RepoTags);
        Assert.Equal(["Loaded image: busybox:1", "Loaded image: localhost:5000/a/b:latest"], _world.Lines);
        Assert.Equal("hello again\n", _world.ReadFile(image, "hello"));
        Assert.Throws<Os.OsException>(() => _world.ReadFile(image, "gone"));
        Assert.Equal(6 + 1 + 12, image.Size);
        Assert.Equal(["load", "load"], _world.Events.Select(e => e.Action));
        Assert.Equal("busybox:1", _world.Events[0].Attributes["name"]);
    }

    [Fact]
    public async Task Layers_are_taken_as_they_are_compressed()
    {
        var config = Archives.Config([Lower, Upper]);
        var image = Assert.Single(await _world.LoadAsync(Archives.Docker(["a:1"], config, Archives.Gzip(Lower), Archives.Zstd(Upper))));
        Assert.Equal([MediaTypes.OciLayerGzip, MediaTypes.OciLayerZstd], image.Layers.Select(layer => layer.Blob.MediaType));
        Assert.Equal("hello again\n", _world.ReadFile(image, "hello"));
    }

    [Fact]
    public async Task Layers_may_be_links_to_others()
    {
        var config = Archives.Config([Lower, Upper, Lower]);
        var archive = Archives.TarOf(
            (new TarEntry { Name = Archives.Bytes("aa/layer.tar"), Size = Lower.Length }, Lower),
            (new TarEntry { Name = Archives.Bytes("bb/layer.tar"), Size = Upper.Length }, Upper),
            (Archives.Link("cc/layer.tar", "../dd/layer.tar"), []),
            (Archives.Link("dd/layer.tar", "aa/layer.tar", TarEntryKind.HardLink), []),
            (new TarEntry { Name = Archives.Bytes("config.json"), Size = config.Length }, config),
            Manifest("config.json", "aa/layer.tar", "bb/layer.tar", "cc/layer.tar"));
        var image = Assert.Single(await _world.LoadAsync(archive));
        Assert.Equal("hello\n", _world.ReadFile(image, "hello"));
        Assert.Equal([$"Loaded image ID: {image.Id}"], _world.Lines);
        Assert.Empty(image.RepoTags);

        static (TarEntry, byte[]) Manifest(string config, params List<string> layers)
        {
            var bytes = Archives.Manifest((config, null, layers));
            return (new TarEntry { Name = Archives.Bytes("manifest.json"), Size = bytes.Length }, bytes);
        }
    }

    [Fact]
    public async Task An_oci_layout_keeps_its_digests_and_gives_the_image_of_this_machine()
    {
        var layout = new OciLayout();
        var other = layout.AddImage(Archives.Config([Lower], architecture: "s390x"), (Lower, MediaTypes.OciLayer));
        var mine = layout.AddImage(Archives.Config([Upper]), (Archives.Gzip(Upper), MediaTypes.OciLayerGzip));
        var attestation = layout.AddImage(Archives.Config([]), []) with
        {
            Platform = new Platform { Os = "unknown", Architecture = "unknown" },
            Annotations = new Dictionary<string, string> { [Annotations.DockerReferenceType] = "attestation-manifest" },
        };
        var inner = layout.AddIndex(
            other with { Platform = new Platform { Os = "linux", Architecture = "s390x" } },
            mine with { Platform = new Platform { Os = "linux", Architecture = Platform.Host.Architecture } },
            attestation);
        var outer = layout.AddIndex(inner);
        layout.Index.Add(OciLayout.Named(outer, "docker.io/library/multi:latest"));

        var image = Assert.Single(await _world.LoadAsync(layout.ToTar()));

        Assert.Equal(mine.Digest, image.Manifest.Digest);
        Assert.Equal(outer.Digest, image.Target.Digest);
        Assert.Equal(["multi:latest"], image.RepoTags);
        Assert.Same(image, _world.Store.Resolve(outer.Digest.ToString()));
        Assert.Same(image, _world.Store.Resolve(mine.Digest.ToString()));
        _world.Store.Garbage.Collect();
        Assert.True(_world.Content.Contains(other.Digest));

        // All of it is here: the name goes on meaning the image for this machine, whatever is loaded again.
        Assert.Equal(image.Id, Assert.Single(await _world.LoadAsync(layout.ToTar(), Platform.Parse("linux/s390x"))).Id);
        Assert.Equal("s390x", _world.Store.Resolve("multi", Platform.Parse("linux/s390x")).Config.Architecture);
    }

    [Fact]
    public async Task Files_that_no_image_refers_to_are_not_kept()
    {
        var layout = new OciLayout();
        layout.Index.Add(OciLayout.Named(layout.AddImage(Archives.Config([Lower]), (Lower, MediaTypes.OciLayer)), "docker.io/library/a:1"));
        var stray = layout.Add(Archives.Bytes("for older readers"), "text/plain");
        await _world.LoadAsync(layout.ToTar());
        Assert.False(_world.Content.Contains(stray.Digest));
        Assert.Equal(3, _world.Content.List().Count());
    }

    [Fact]
    public async Task A_name_moves_to_the_new_image_and_says_so()
    {
        var first = Assert.Single(await _world.LoadAsync(Archives.Docker(["a:1"], Archives.Config([Lower]), Lower)));
        var second = Assert.Single(await _world.LoadAsync(Archives.Docker(["a:1"], Archives.Config([Upper]), Upper)));
        Assert.Equal([$"The image a:1 already exists, renaming the old one with ID {first.Id} to empty string", "Loaded image: a:1"], _world.Lines);
        Assert.Equal(second.Id, _world.Store.Resolve("a:1").Id);
        Assert.Empty(_world.Store.Resolve(first.Id.ToString()).RepoTags);
        _world.Restart();
        Assert.Equal(2, _world.Store.Images.Count);
        Assert.Empty(_world.Store.Problems);
    }

    [Fact]
    public async Task Loading_again_changes_nothing()
    {
        var archive = Archives.Docker(["a:1"], Archives.Config([Lower, Upper]), Lower, Upper);
        await _world.LoadAsync(archive);
        var before = _world.Contents();
        var size = _world.Store.Resolve("a:1").Size;
        await _world.LoadAsync(archive);
        Assert.Equal(before, _world.Contents());
        Assert.Equal(size, _world.Store.Resolve("a:1").Size);
        _world.Restart();
        Assert.Equal(size, _world.Store.Resolve("a:1").Size);
    }

    [Fact]
    public async Task Concurrent_loads_share_their_layers()
    {
        var archives = Enumerable.Range(0, 8).Select(i => Archives.Docker([$"a:{i}"], Archives.Config([Lower, Upper], $"c{i}"), Lower, Upper)).ToArray();
        await Task.WhenAll(archives.Select(archive => _world.Loader.LoadAsync(new ForwardStream(archive), _ => { })));
        Assert.Equal(8, _world.Store.Images.Count);
        Assert.Equal(2, _world.Snapshotter.List().Count);
        foreach (var image in _world.Store.Images)
            Assert.Equal("hello again\n", _world.ReadFile(image, "hello"));
    }

    [Fact]
    public async Task A_removal_at_the_same_time_takes_no_layer_of_a_load()
    {
        for (var i = 0; i < 10; i++)
        {
            var first = Assert.Single(await _world.LoadAsync(Archives.Docker(["x:1"], Archives.Config([Lower, Upper], "x"), Lower, Upper)));
            var load = _world.Loader.LoadAsync(new ForwardStream(Archives.Docker(["y:1"], Archives.Config([Lower, Upper], "y"), Lower, Upper)), _ => { });
            _world.Remover.Remove(first.Id.ToString());
            var second = Assert.Single(await load);
            Assert.True(_world.Snapshotter.Exists(second.TopSnapshot!));
            Assert.All(second.Layers, layer => Assert.True(_world.Content.Contains(layer.Blob.Digest)));
            _world.Remover.Remove("y:1");
        }
        Assert.Equal((0, 0, ""), _world.Contents());
    }
}
