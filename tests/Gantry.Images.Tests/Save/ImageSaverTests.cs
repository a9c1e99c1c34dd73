using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Save;

public sealed class ImageSaverTests : IDisposable
{
    private static readonly byte[] Layer = Archives.Layer(("file", "content\n"));
    private readonly ImageWorld _world = new();
    private readonly ImageWorld _other = new();

    public void Dispose()
    {
        _world.Dispose();
        _other.Dispose();
    }

    private async Task<byte[]> SaveAsync(params string[] names)
    {
        var output = new MemoryStream();
        await new ImageSaver(_world.Store).SaveAsync(names, output);
        return output.ToArray();
    }

    [Fact]
    public async Task What_was_saved_loads_as_the_same_images()
    {
        var a = Assert.Single(await _world.LoadAsync(Archives.Docker(["a:1", "a:2", "b:1"], Archives.Config([Layer], "a"), Layer)));
        var b = Assert.Single(await _world.LoadAsync(Archives.Docker(null, Archives.Config([Layer], "b"), Archives.Gzip(Layer))));
        var archive = await SaveAsync("a", b.Id.Short);

        var loaded = await _other.LoadAsync(archive);
        Assert.Equal([a.Id, b.Id], loaded.Select(image => image.Id).Order().Order(Comparer<Digest>.Create((x, y) => x == a.Id ? -1 : y == a.Id ? 1 : 0)));
        Assert.Equal(["a:1", "a:2"], _other.Store.Resolve("a:1").RepoTags);
        Assert.Equal(a.Manifest.Digest, _other.Store.Resolve("a:1").Manifest.Digest);
        Assert.Contains($"Loaded image ID: {b.Id}", _other.Lines);
        Assert.Equal(archive, await SaveAsync("a", b.Id.Short));
    }

    [Fact]
    public async Task One_tag_alone_can_be_saved()
    {
        await _world.LoadAsync(Archives.Docker(["a:1", "a:2"], Archives.Config([Layer]), Layer));
        await _other.LoadAsync(await SaveAsync("a:2"));
        Assert.Equal(["a:2"], Assert.Single(_other.Store.Images).RepoTags);
    }

    [Fact]
    public async Task Unknown_names_write_nothing()
    {
        var output = new MemoryStream();
        await Assert.ThrowsAsync<GantryException>(() => new ImageSaver(_world.Store).SaveAsync(["nope"], output));
        Assert.Equal(0, output.Length);
    }
}
