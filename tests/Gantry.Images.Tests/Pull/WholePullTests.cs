using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Pull;

public sealed class WholePullTests : IAsyncDisposable
{
    private static readonly byte[] s_lower = Archives.Layer(("etc/name", "lower"), ("etc/kept", "kept"));
    private static readonly byte[] s_upper = Archives.Layer(("etc/name", "upper"));
    private readonly TransferWorld _world = new();

    [Theory]
    [InlineData(LayerForm.Gzip, false)]
    [InlineData(LayerForm.Gzip, true)]
    [InlineData(LayerForm.Zstd, false)]
    [InlineData(LayerForm.Plain, false)]
    [InlineData(LayerForm.Plain, true)]
    public async Task An_image_is_there_under_its_name_and_digest_with_all_its_files(LayerForm form, bool docker)
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower, s_upper], form, docker);

        var image = await _world.PullAsync("app:1");

        Assert.Equal(remote.Config.Digest, image.Id);
        Assert.Equal("upper", _world.Images.ReadFile(image, "etc/name"));
        Assert.Equal("kept", _world.Images.ReadFile(image, "etc/kept"));
        Assert.Equal(image.Id, _world.Images.Store.Resolve(_world.Name("app:1").ToString()).Id);
        Assert.Equal(image.Id, _world.Images.Store.Resolve(_world.Name($"app@{remote.Manifest.Digest}").ToString()).Id);
        Assert.Contains(_world.Images.Events, happened => happened.Action == "pull");
    }

    [Fact]
    public async Task Progress_tells_each_layer_from_fetching_to_completion_and_then_the_digest()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower, s_upper]);

        await _world.PullAsync("app:1");

        foreach (var layer in remote.Layers)
        {
            var statuses = _world.StatusesOf(layer);
            Assert.Equal("Pulling fs layer", statuses[0]);
            Assert.Equal("Pull complete", statuses[^1]);
            Assert.Contains("Download complete", statuses);
        }
        var name = _world.Name("app:1").Familiar;
        Assert.Equal(
            ["Pulling from app", $"Digest: {remote.Manifest.Digest}", $"Status: Downloaded newer image for {name}"],
            _world.Progress.Where(progress => progress.Line is not null).Select(progress => progress.Line));
    }

    [Fact]
    public async Task A_second_pull_fetches_no_blob_and_says_that_the_image_is_up_to_date()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower, s_upper]);
        await _world.PullAsync("app:1");

        await _world.PullAsync("app:1");

        Assert.All(remote.Layers, layer => Assert.Single(_world.Registry.Gets(layer)));
        Assert.Single(_world.Registry.Gets(remote.Config));
        Assert.Contains(_world.Progress, progress => progress.Line == $"Status: Image is up to date for {_world.Name("app:1").Familiar}");
    }

    [Fact]
    public async Task Both_names_of_an_image_come_with_one_write_of_the_index_and_a_pull_of_what_is_there_writes_none()
    {
        _world.Registry.AddImage("app", "1", [s_lower]);
        await _world.PullAsync("app:1");
        var written = _world.Images.Content.ReadIndex().Manifests;

        await _world.PullAsync("app:1");

        // The time of tagging is that of the write.
        Assert.Equal(2, written.Count);
        Assert.Single(written.Select(entry => entry.Annotation("dev.gantry.image.tagged")).Distinct());
        Assert.Equal(
            written.Select(entry => entry.Annotation("dev.gantry.image.tagged")),
            _world.Images.Content.ReadIndex().Manifests.Select(entry => entry.Annotation("dev.gantry.image.tagged")));
    }

    [Fact]
    public async Task A_layer_that_another_image_has_is_not_fetched_again()
    {
        _world.Registry.AddImage("app", "1", [s_lower]);
        await _world.PullAsync("app:1");
        var second = _world.Registry.AddImage("other", "1", [s_lower, s_upper]);

        var image = await _world.PullAsync("other:1");

        Assert.Equal(["Already exists"], _world.StatusesOf(second.Layers[0]).TakeLast(1));
        Assert.Single(_world.Registry.Gets(second.Layers[0]));
        Assert.Equal("upper", _world.Images.ReadFile(image, "etc/name"));
    }

    [Fact]
    public async Task By_digest_the_image_has_that_name_and_no_tag()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower]);

        var image = await _world.PullAsync($"app@{remote.Manifest.Digest}");

        Assert.Empty(image.RepoTags);
        Assert.Equal([$"{_world.Registry.Authority}/app@{remote.Manifest.Digest}"], image.RepoDigests);
    }

    [Fact]
    public async Task Of_an_index_the_image_for_this_machine_is_pulled_and_nothing_of_the_others()
    {
        var (index, own, foreign) = AddIndex();

        var image = await _world.PullAsync("app:1");

        Assert.Equal(own.Config.Digest, image.Id);
        Assert.Equal(index.Digest, image.Target.Digest);
        Assert.Empty(_world.Registry.Gets(foreign.Layers[0]));
        Assert.Empty(_world.Registry.Gets(foreign.Config));
    }

    [Fact]
    public async Task Of_an_index_the_image_for_the_platform_that_is_asked_for_is_pulled()
    {
        var (_, own, foreign) = AddIndex();

        var image = await _world.PullAsync("app:1", Platform.Parse("linux/s390x"));

        Assert.Equal(foreign.Config.Digest, image.Id);
        Assert.Empty(_world.Registry.Gets(own.Layers[0]));
    }

    [Fact]
    public async Task A_platform_that_is_not_there_is_named_and_nothing_is_left()
    {
        AddIndex();

        var error = await Assert.ThrowsAnyAsync<GantryException>(() => _world.PullAsync("app:1", Platform.Parse("linux/riscv64")));

        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.Contains("linux/riscv64", error.Message, StringComparison.Ordinal);
        _world.AssertNothingLeft();
    }

    [Fact]
    public async Task A_single_image_for_another_platform_than_asked_for_is_pulled_with_a_warning()
    {
        _world.Registry.AddImage("app", "1", [s_lower]);

        await _world.PullAsync("app:1", Platform.Parse("linux/s390x"));

        Assert.Contains(_world.Progress, told => told.Line is { } line && line.StartsWith("WARNING: image with reference", StringComparison.Ordinal)
            && line.EndsWith("does not match the specified platform (linux/s390x)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_tags_of_a_repository_are_pulled()
    {
        _world.Registry.AddImage("app", "1", [s_lower]);
        _world.Registry.AddImage("app", "2", [s_lower, s_upper]);

        await _world.Puller.PullAllTagsAsync(_world.Name("app"), platform: null, credentials: null, _world.Progress.Enqueue);

        Assert.NotNull(_world.Images.Store.Find(_world.Name("app:1").ToString()));
        Assert.NotNull(_world.Images.Store.Find(_world.Name("app:2").ToString()));
    }

    [Fact]
    public async Task A_tag_that_means_another_image_now_is_moved_and_the_old_image_stays()
    {
        _world.Registry.AddImage("app", "1", [s_lower]);
        var old = await _world.PullAsync("app:1");
        _world.Registry.AddImage("app", "1", [s_lower, s_upper]);

        var image = await _world.PullAsync("app:1");

        Assert.NotEqual(old.Id, image.Id);
        Assert.NotNull(_world.Images.Store.Find(old.Id));
        Assert.Empty(_world.Images.Store.Find(old.Id)!.RepoTags);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private (Descriptor Index, RemoteImage Own, RemoteImage Foreign) AddIndex()
    {
        var own = _world.Registry.AddImage("app", null, [s_lower]);
        var foreign = _world.Registry.AddImage("app", null, [s_upper], config: Archives.Config([s_upper], architecture: "s390x"));
        var index = _world.Registry.AddIndex(
            "app", "1", foreign.Manifest with { Platform = Platform.Parse("linux/s390x") }, own.Manifest with { Platform = Platform.Host });
        return (index, own, foreign);
    }
}
