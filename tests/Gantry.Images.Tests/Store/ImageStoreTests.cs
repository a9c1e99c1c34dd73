using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Store;

public sealed class ImageStoreTests : IDisposable
{
    private static readonly byte[] Layer = Archives.Layer(("file", "content\n"));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private async Task<Image> LoadAsync(string command, params string[] tags)
    {
        var config = Archives.Config([Layer], command, created: $"2024-01-0{command.Length}T00:00:00Z");
        return Assert.Single(await _world.LoadAsync(Archives.Docker(tags, config, Layer)));
    }

    private string Refusal(string nameOrId, bool force = false) =>
        Assert.Throws<GantryException>(() => _world.Remover.Remove(nameOrId, force)) is { Kind: ErrorKind.Conflict } e ? e.Message : "";

    [Fact]
    public async Task Images_are_found_in_every_way_docker_knows()
    {
        var image = await LoadAsync("a", "busybox:latest", "r.io/x/y:1");
        foreach (var name in (string[])[
            "busybox", "busybox:latest", "library/busybox", "docker.io/library/busybox:latest", "r.io/x/y:1",
            image.Id.ToString(), image.Id.Hex, image.Id.Short, $"sha256:{image.Id.Short}", image.Manifest.Digest.ToString(),
            $"busybox@{image.Manifest.Digest}"])
            Assert.Same(image, _world.Store.Resolve(name));
        Assert.Equal("No such image: nope:latest", Assert.Throws<GantryException>(() => _world.Store.Resolve("nope")).Message);
        Assert.Equal("No such image: r.io/x/y:2", Assert.Throws<GantryException>(() => _world.Store.Resolve("r.io/x/y:2")).Message);
        var other = Digest.Compute("x"u8);
        Assert.Equal($"No such image: {other}", Assert.Throws<GantryException>(() => _world.Store.Resolve(other.Hex)).Message);
        Assert.StartsWith("invalid reference format", Assert.Throws<GantryException>(() => _world.Store.Resolve("Foo")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_ups_read_no_file()
    {
        await LoadAsync("a", "busybox:latest");
        Directory.Move(Path.Combine(_world.Root, "content", "blobs"), Path.Combine(_world.Root, "content", "away"));
        Assert.Equal("a", _world.Store.Resolve("busybox").Config.Config!.Cmd![0]);
        Directory.Move(Path.Combine(_world.Root, "content", "away"), Path.Combine(_world.Root, "content", "blobs"));
    }

    [Fact]
    public async Task A_restart_forgets_nothing()
    {
        var image = await LoadAsync("a", "busybox:latest", "b:1");
        var dangling = await LoadAsync("bb");
        _world.Restart();
        Assert.Equivalent(image, _world.Store.Resolve("busybox"));
        Assert.Equal(dangling.Size, _world.Store.Resolve(dangling.Id.ToString()).Size);
        Assert.Equal(2, _world.Store.Images.Count);
        Assert.NotNull(image.TaggedAt);
        Assert.Equal(image.Id, _world.Store.ReadConfig(image).Digest);
    }

    [Fact]
    public async Task Damaged_images_are_told_and_kept()
    {
        var image = await LoadAsync("a", "busybox:latest");
        var path = _world.Content.PathOf(image.Id);
        File.WriteAllText(path, "{}");
        _world.Restart();
        Assert.Contains("docker.io/library/busybox:latest", Assert.Single(_world.Store.Problems), StringComparison.Ordinal);
        Assert.Empty(_world.Store.Images);
        Assert.Single(_world.Content.ReadIndex().Manifests);
        await LoadAsync("bb", "other:1");
        Assert.Equal(2, _world.Content.ReadIndex().Manifests.Count);
    }

    [Fact]
    public async Task Tags_are_given_moved_and_refused()
    {
        var first = await LoadAsync("a", "a:1");
        var second = await LoadAsync("bb", "b:1");
        var tagger = new ImageTagger(_world.Store);
        tagger.Tag("a:1", "c");
        Assert.Equal(["a:1", "c:latest"], _world.Store.Resolve(first.Id.Short).RepoTags);
        tagger.Tag("b:1", "a:1");
        Assert.Equal(["c:latest"], _world.Store.Resolve(first.Id.Short).RepoTags);
        tagger.Tag(second.Id.Short, "c:latest");
        Assert.Empty(_world.Store.Resolve(first.Id.Short).RepoTags);
        Assert.Equal(["tag", "tag", "tag"], _world.Events.Select(e => e.Action).Where(action => action == "tag"));
        Assert.Equal("refusing to create a tag with a digest reference",
            Assert.Throws<GantryException>(() => tagger.Tag("a:1", $"c@{first.Id}")).Message);
        Assert.Throws<GantryException>(() => tagger.Tag("nope", "x"));
        tagger.Tag(first.Id.Short, "back:1");
        Assert.Equal(["back:1"], _world.Store.Resolve(first.Id.Short).RepoTags);
        Assert.Equal(4, _world.Content.ReadIndex().Manifests.Count);
    }

    [Fact]
    public async Task The_last_name_takes_the_image_along()
    {
        var image = await LoadAsync("a", "a:1", "b:1");
        Assert.Equal([new RemovedItem("a:1", null)], _world.Remover.Remove("a:1"));
        Assert.Equal(
            [new RemovedItem("b:1", null), new RemovedItem(null, image.Id.ToString()), new RemovedItem(null, image.TopSnapshot)],
            _world.Remover.Remove("b:1"));
        Assert.Equal((0, 0, ""), _world.Contents());
        Assert.Equal(["untag", "untag", "delete"], _world.Events.Skip(2).Select(e => e.Action));
    }

    [Fact]
    public async Task Layers_that_others_need_stay()
    {
        await LoadAsync("a", "a:1");
        var other = await LoadAsync("bb", "b:1");
        Assert.Equal(2, _world.Remover.Remove("a:1").Count);
        Assert.True(_world.Snapshotter.Exists(other.TopSnapshot!));
        _world.Snapshotter.Prepare("container", other.TopSnapshot);
        Assert.Equal(2, _world.Remover.Remove("b:1").Count);
        Assert.True(_world.Snapshotter.Exists("container"));
        _world.Snapshotter.Remove("container");
        Assert.Equal([other.Layers[0].ChainId], _world.Store.Garbage.Collect());
    }

    [Fact]
    public async Task Conflicts_are_dockers()
    {
        var image = await LoadAsync("a", "a:1");
        var id = image.Id.ToString();
        _world.UsersById[id] = [new ImageUser("0123456789abcdef", false)];
        Assert.Equal(
            $"conflict: unable to remove repository reference \"a:1\" (must force) - container 0123456789ab is using its referenced image {image.Id.Short}",
            Refusal("a:1"));
        Assert.Equal($"conflict: unable to delete {image.Id.Short} (must be forced) - image is being used by stopped container 0123456789ab",
            Refusal(image.Id.Short));
        _world.UsersById[id] = [new ImageUser("0123456789abcdef", true)];
        Assert.Equal($"conflict: unable to delete {image.Id.Short} (cannot be forced) - image is being used by running container 0123456789ab",
            Refusal(image.Id.Short, force: true));
        Assert.Equal([new RemovedItem("a:1", null)], _world.Remover.Remove("a:1", force: true));
        Assert.Empty(_world.Store.Resolve(image.Id.Short).RepoTags);
        _world.UsersById.Clear();
        new ImageTagger(_world.Store).Tag(image.Id.Short, "a:1");
        new ImageTagger(_world.Store).Tag(image.Id.Short, "b:1");
        Assert.Equal($"conflict: unable to delete {image.Id.Short} (must be forced) - image is referenced in multiple repositories", Refusal(image.Id.Short));
        Assert.Equal(["a:1", "b:1"], _world.Remover.Remove(image.Id.Short, force: true).Select(item => item.Untagged).OfType<string>());
        Assert.Equal((0, 0, ""), _world.Contents());
    }

    [Fact]
    public async Task Lists_are_filtered_and_sorted()
    {
        var a = await LoadAsync("a", "alpha:1", "alpha:2", "x.io/beta:1");
        var b = await LoadAsync("bb");
        var c = await LoadAsync("ccc", "gamma:1");
        var lister = new ImageLister(_world.Store);
        Digest[] Ids(params (string, string)[] filters) => [.. lister.List(ObjectFilters.Of(filters)).Select(image => image.Id)];
        Assert.Equal([c.Id, b.Id, a.Id], Ids());
        Assert.Equal([b.Id], Ids(("dangling", "true")));
        Assert.Equal([c.Id, a.Id], Ids(("dangling", "false")));
        Assert.Equal([a.Id], Ids(("label", "command=a")));
        Assert.Equal([b.Id, a.Id], Ids(("before", "gamma:1")));
        Assert.Equal([c.Id], Ids(("since", b.Id.Short)));
        Assert.Equal([a.Id], Ids(("until", "2024-01-01T12:00:00")));
        Assert.Equal(["alpha:2"], lister.List(ObjectFilters.Of(("reference", "alpha:2")))[0].RepoTags);
        Assert.Equal(["alpha:1", "alpha:2"], lister.List(ObjectFilters.Of(("reference", "al*")))[0].RepoTags);
        Assert.Equal(["x.io/beta:1"], lister.List(ObjectFilters.Of(("reference", "*/b[a-f]ta")))[0].RepoTags);
        Assert.Empty(Ids(("reference", "*beta")));
        Assert.Throws<GantryException>(() => Ids(("foo", "x")));
        Assert.Throws<GantryException>(() => Ids(("before", "nope")));
    }

    [Fact]
    public async Task Prune_removes_what_nobody_uses()
    {
        var named = await LoadAsync("a", "a:1", "a:2");
        var dangling = await LoadAsync("bb");
        var used = await LoadAsync("ccc");
        _world.UsersById[used.Id.ToString()] = [new ImageUser("c", false)];
        var result = _world.Pruner.Prune(ObjectFilters.None);
        Assert.Equal([new RemovedItem(null, dangling.Id.ToString())], result.Removed);
        Assert.Equal(0, result.SpaceReclaimed);
        _world.UsersById.Clear();
        Assert.Empty(_world.Pruner.Prune(ObjectFilters.Of(("until", "2023-01-01"))).Removed);
        result = _world.Pruner.Prune(ObjectFilters.Of(("dangling", "false")));
        Assert.Equal(["a:1", "a:2"], result.Removed.Select(item => item.Untagged).OfType<string>());
        Assert.Contains(new RemovedItem(null, named.Id.ToString()), result.Removed);
        Assert.Equal(8, result.SpaceReclaimed);
        Assert.Equal((0, 0, ""), _world.Contents());
    }

    [Fact]
    public async Task History_tells_each_step()
    {
        var image = await LoadAsync("a", "a:1");
        var steps = new ImageHistoryReader(_world.Store).Read("a:1");
        Assert.Equal([image.Id.ToString(), "<missing>"], steps.Select(step => step.Id));
        Assert.Equal(["CMD", "layer 0"], steps.Select(step => step.CreatedBy));
        Assert.Equal([0L, 8L], steps.Select(step => step.Size));
        Assert.Equal(["a:1"], steps[0].Tags);
    }

    [Fact]
    public async Task Lost_layers_are_unpacked_again_once()
    {
        var image = await LoadAsync("a", "a:1");
        _world.Snapshotter.Remove(image.TopSnapshot!);
        var tops = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _world.Unpacker.EnsureUnpackedAsync(image).AsTask()));
        Assert.All(tops, top => Assert.Equal(image.TopSnapshot, top));
        Assert.Equal("content\n", _world.ReadFile(image, "file"));
        Assert.Single(_world.Snapshotter.List());
        Assert.True(_world.Unpacker.EnsureUnpackedAsync(image).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task An_interrupted_unpacking_is_cleaned_up()
    {
        await LoadAsync("a", "a:1");
        _world.Snapshotter.Prepare("unpack-99", null);
        _world.Restart();
        Assert.Single(_world.Snapshotter.List());
    }
}
