using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Push;

public sealed class PushTests : IAsyncDisposable
{
    private static readonly byte[] s_lower = Archives.Layer(("etc/name", "lower"));
    private static readonly byte[] s_upper = Archives.Layer(("etc/name", "upper"));
    private readonly TransferWorld _world = new();

    [Fact]
    public async Task What_was_pushed_is_pulled_by_another_store()
    {
        var image = await LoadAsync("app:1", s_lower, s_upper);

        var pushed = await _world.PushAsync("app:1");

        RemoveAll();
        var back = await _world.PullAsync("app:1");
        Assert.Equal(image.Id, back.Id);
        Assert.Equal(pushed.Target.Digest, back.Target.Digest);
        Assert.Equal("upper", _world.Images.ReadFile(back, "etc/name"));
    }

    [Fact]
    public async Task Progress_is_docker_s()
    {
        await LoadAsync("app:1", s_lower);

        var pushed = await _world.PushAsync("app:1");

        var layer = _world.Images.Store.Resolve(_world.Name("app:1").ToString()).Layers[0].Blob;
        Assert.Equal("Preparing", _world.StatusesOf(layer)[0]);
        Assert.Equal("Pushed", _world.StatusesOf(layer)[^1]);
        Assert.Equal(
            [$"The push refers to repository [{_world.Registry.Authority}/app]", $"1: digest: {pushed.Target.Digest} size: {pushed.Target.Size}"],
            _world.Progress.Where(progress => progress.Line is not null).Select(progress => progress.Line));
    }

    [Fact]
    public async Task Plain_layers_are_compressed_once_and_the_image_keeps_its_ID()
    {
        var image = await LoadAsync("app:1", s_lower, s_upper);
        var plain = image.Layers.Select(layer => layer.Blob.Digest).ToList();

        var first = await _world.PushAsync("app:1");
        var second = await _world.PushAsync("app:1");

        var after = _world.Images.Store.Resolve(_world.Name("app:1").ToString());
        Assert.Equal(first.Target.Digest, second.Target.Digest);
        Assert.Equal(image.Id, after.Id);
        Assert.All(after.Layers, layer => Assert.Equal(MediaTypes.OciLayerGzip, MediaTypes.ToOci(layer.Blob.MediaType)));
        _world.Images.Store.Garbage.Collect();
        Assert.All(plain, digest => Assert.False(_world.Images.Content.Contains(digest)));
        Assert.Equal(3, _world.Registry.Uploads().Count);
    }

    [Fact]
    public async Task Blobs_that_are_there_are_not_sent()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower]);
        await _world.PullAsync("app:1");
        _world.Images.Store.Register(_world.Images.Store.Images.Single(), _world.Name("app:2"));

        await _world.PushAsync("app:2");

        Assert.Empty(_world.Registry.Uploads());
        Assert.Contains("Layer already exists", _world.StatusesOf(remote.Layers[0]));
        Assert.Equal(remote.Manifest.Digest, Digest.Compute(_world.Registry.Manifests["app:2"].Bytes));
    }

    [Fact]
    public async Task A_layer_from_another_repository_of_the_registry_is_mounted()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower]);
        await _world.PullAsync("app:1");
        _world.Images.Store.Register(_world.Images.Store.Images.Single(), _world.Name("other:1"));

        await _world.PushAsync("other:1");

        Assert.Contains("Mounted from app", _world.StatusesOf(remote.Layers[0]));
        Assert.True(_world.Registry.Blobs.ContainsKey($"other@{remote.Layers[0].Digest}"));
    }

    [Fact]
    public async Task A_registry_that_takes_chunks_only_gets_chunks()
    {
        var layer = RegistryImages.Noise("data", 300_000);
        await LoadAsync("app:1", layer);
        _world.Registry.LeastChunk = 100_000;

        await _world.PushAsync("app:1");

        Assert.Contains(_world.Registry.Requests, request => request.Method == "PATCH");
        RemoveAll();
        Assert.Single((await _world.PullAsync("app:1")).Layers);
    }

    [Fact]
    public async Task An_index_that_is_here_is_pushed_with_all_its_images()
    {
        var layout = new OciLayout();
        var own = layout.AddImage(Archives.Config([s_lower]), (Archives.Gzip(s_lower), MediaTypes.OciLayerGzip)) with { Platform = Platform.Host };
        var foreign = layout.AddImage(Archives.Config([s_upper], architecture: "s390x"), (Archives.Gzip(s_upper), MediaTypes.OciLayerGzip))
            with { Platform = Platform.Parse("linux/s390x") };
        var index = layout.AddIndex(own, foreign);
        layout.Index.Add(OciLayout.Named(index, _world.Name("app:1").ToString()));
        await _world.Images.LoadAsync(layout.ToTar());

        var pushed = await _world.PushAsync("app:1");

        Assert.Equal(index.Digest, pushed.Target.Digest);
        Assert.Equal(index.Digest, Digest.Compute(_world.Registry.Manifests["app:1"].Bytes));
        Assert.True(_world.Registry.Manifests.ContainsKey($"app@{foreign.Digest}"));
        Assert.True(_world.Registry.Manifests.ContainsKey($"app@{own.Digest}"));
    }

    [Fact]
    public async Task Of_an_index_that_is_not_all_here_the_image_of_this_machine_is_pushed_and_its_tag_stays()
    {
        var own = _world.Registry.AddImage("from", null, [s_lower]);
        var foreign = _world.Registry.AddImage("from", null, [s_upper], config: Archives.Config([s_upper], architecture: "s390x"));
        _world.Registry.AddIndex("from", "1", own.Manifest with { Platform = Platform.Host },
            foreign.Manifest with { Platform = Platform.Parse("linux/s390x") });
        var image = await _world.PullAsync("from:1");
        _world.Images.Store.Register(image, _world.Name("app:1"));

        var pushed = await _world.PushAsync("app:1");

        Assert.Equal(own.Manifest.Digest, pushed.Target.Digest);
        Assert.Equal(own.Manifest.Digest, Digest.Compute(_world.Registry.Manifests["app:1"].Bytes));
        Assert.Equal(image.Id, _world.Images.Store.Resolve(_world.Name("app:1").ToString()).Id);
        Assert.Equal(image.Id, _world.Images.Store.Resolve(_world.Name("from:1").ToString()).Id);
    }

    [Fact]
    public async Task A_platform_that_is_not_here_cannot_be_pushed()
    {
        await LoadAsync("app:1", s_lower);

        await Assert.ThrowsAnyAsync<GantryException>(() => _world.PushAsync("app:1", Platform.Parse("linux/s390x")));

        Assert.Empty(_world.Registry.Manifests);
    }

    [Fact]
    public async Task A_name_that_is_not_here_is_told_in_docker_s_words()
    {
        var error = await Assert.ThrowsAnyAsync<GantryException>(() => _world.PushAsync("app:1"));

        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.Equal($"An image does not exist locally with the tag: {_world.Registry.Authority}/app", error.Message);
    }

    [Fact]
    public async Task All_tags_are_pushed()
    {
        await LoadAsync("app:1", s_lower);
        await LoadAsync("app:2", s_upper);

        var pushed = await _world.Pusher.PushAllTagsAsync(
            _world.Name("app"), platform: null, LayerCompression.Gzip, credentials: null, _world.Progress.Enqueue);

        Assert.Equal(["1", "2"], pushed.Select(image => image.Tag));
        Assert.True(_world.Registry.Manifests.ContainsKey("app:1") && _world.Registry.Manifests.ContainsKey("app:2"));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private async Task<Image> LoadAsync(string name, params byte[][] layers) =>
        (await _world.Images.LoadAsync(Archives.Docker([_world.Name(name).ToString()], Archives.Config(layers), layers))).Single();

    private void RemoveAll()
    {
        foreach (var image in _world.Images.Store.Images)
            _world.Images.Store.Forget(image);
        _world.Images.Store.Garbage.Collect();
        _world.AssertNothingLeft();
    }
}
