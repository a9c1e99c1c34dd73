using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests;

public sealed class ImageCommitterTests : IDisposable
{
    private static readonly byte[] Lower = Archives.Layer(("hello", "hello\n"), ("gone", "x"));
    private static readonly byte[] Upper = Archives.Layer(("hello", "hello again\n"), (".wh.gone", ""));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_commit_is_the_parent_with_one_more_uncompressed_layer()
    {
        var parent = await ParentAsync();
        var image = await CommitAsync(parent, Upper, "made:1");
        Assert.Equal("hello again\n", _world.ReadFile(image, "hello"));
        Assert.Throws<Os.OsException>(() => _world.ReadFile(image, "gone"));
        Assert.Equal(["made:1"], image.RepoTags);
        Assert.Equal([parent.Layers[0].DiffId, Digest.Compute(Upper)], image.Config.RootFs!.DiffIds);
        Assert.Equal(new Descriptor { MediaType = MediaTypes.OciLayer, Digest = Digest.Compute(Upper), Size = Upper.Length }, image.Layers[1].Blob);
        Assert.Equal(7 + 12, image.Size);
        Assert.Equal(["layer 0", "CMD", "touch it"], image.Config.History!.Select(step => step.CreatedBy));
        Assert.Equal(("me", "why"), (image.Config.Author, image.Config.Comment));
        Assert.Equal(["top"], image.Config.Config!.Cmd);
    }

    [Fact]
    public async Task A_commit_of_nothing_has_the_layers_of_its_parent()
    {
        var parent = await ParentAsync();
        var image = await CommitAsync(parent, null, "made:1");
        Assert.Equal(parent.Layers.Select(layer => layer.DiffId), image.Layers.Select(layer => layer.DiffId));
        Assert.True(image.Config.History![^1].EmptyLayer);
        Assert.NotEqual(parent.Id, image.Id);
    }

    [Fact]
    public async Task A_commit_outlives_its_parent_and_a_restart()
    {
        var image = await CommitAsync(await ParentAsync(), Upper, "made:1");
        _world.Remover.Remove("base:1");
        _world.Restart();
        Assert.Equal("hello again\n", _world.ReadFile(_world.Store.Resolve("made:1"), "hello"));
        Assert.Equal(image.Id, Assert.Single(_world.Store.Images).Id);
    }

    [Fact]
    public async Task A_commit_that_fails_leaves_nothing()
    {
        var parent = await ParentAsync();
        var before = _world.Contents();
        await Assert.ThrowsAsync<IOException>(() => new ImageCommitter(_world.Store, _world.Unpacker).CommitAsync(
            new ImageCommit { Parent = parent, Config = new ImageRunConfig() }, (output, _) =>
            {
                output.Write(Upper.AsSpan(0, 100));
                throw new IOException("broken");
            }));
        Assert.Equal(before, _world.Contents());
        var digest = ImageReference.Parse($"made@{parent.Id}");
        await Assert.ThrowsAsync<GantryException>(() => new ImageCommitter(_world.Store, _world.Unpacker).CommitAsync(
            new ImageCommit { Parent = parent, Config = new ImageRunConfig(), Reference = digest }, null));
    }

    private async Task<Image> ParentAsync() => Assert.Single(await _world.LoadAsync(Archives.Docker(["base:1"], Archives.Config([Lower]), Lower)));

    private Task<Image> CommitAsync(Image parent, byte[]? layer, string name) => new ImageCommitter(_world.Store, _world.Unpacker).CommitAsync(
        new ImageCommit
        {
            Parent = parent,
            Config = new ImageRunConfig { Cmd = ["top"] },
            Reference = ImageReference.Parse(name),
            Author = "me",
            Comment = "why",
            CreatedBy = "touch it",
        },
        layer is null ? null : async (output, cancellation) => await output.WriteAsync(layer, cancellation));
}
