using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Pull;

/// <summary>Images that claim layers which are unpacked already, or are being unpacked, from another archive.</summary>
public sealed class ClaimedLayerTests : IAsyncDisposable
{
    private static readonly byte[] s_layer = Archives.Layer(("etc/name", "own"));
    private readonly TransferWorld _world = new();

    [Fact]
    public async Task A_layer_that_is_unpacked_from_another_archive_is_verified_against_its_diff_ID()
    {
        _world.Registry.AddImage("app", "1", [s_layer]);
        await _world.PullAsync("app:1");
        AddLiar("liar:1");

        var error = await Assert.ThrowsAnyAsync<GantryException>(() => _world.PullAsync("liar:1"));

        Assert.Contains($"{_world.Registry.Authority}/liar@", error.Message, StringComparison.Ordinal);
        Assert.Contains("has the diff ID", error.Message, StringComparison.Ordinal);
        Assert.Null(_world.Images.Store.Find(_world.Name("liar:1").ToString()));
    }

    [Fact]
    public async Task The_same_layer_in_another_archive_is_taken()
    {
        _world.Registry.AddImage("app", "1", [s_layer]);
        await _world.PullAsync("app:1");
        var other = _world.Registry.AddImage("other", "1", [s_layer], LayerForm.Zstd);

        var image = await _world.PullAsync("other:1");

        Assert.Equal(other.Layers[0].Digest, image.Layers[0].Blob.Digest);
        Assert.Equal("own", _world.Images.ReadFile(image, "etc/name"));
    }

    /// <summary>Nothing is unpacked when the liar's pull begins; the honest one is done before the liar's archive comes.</summary>
    [Fact]
    public async Task Of_two_archives_that_claim_one_layer_at_the_same_moment_each_is_compared()
    {
        var honest = _world.Registry.AddImage("app", "1", [s_layer]);
        var archive = AddLiar("liar:1");
        using var released = new ManualResetEventSlim();
        _world.Registry.Fault = request =>
        {
            if (request.Method == "GET" && request.Path.EndsWith(archive.Digest.ToString(), StringComparison.Ordinal))
                released.Wait(TimeSpan.FromSeconds(20));
            return null;
        };
        var second = _world.PullAsync("liar:1");
        while (_world.Registry.Gets(archive).Count == 0 && !second.IsCompleted)
            await Task.Delay(5);

        var first = await _world.PullAsync("app:1");
        released.Set();

        Assert.Equal(honest.Config.Digest, first.Id);
        var error = await Assert.ThrowsAnyAsync<GantryException>(() => second);
        Assert.Contains("diff ID", error.Message, StringComparison.Ordinal);
        Assert.Null(_world.Images.Store.Find(_world.Name("liar:1").ToString()));
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    /// <summary>An image with the configuration of the honest one, and so its chain IDs, above an archive of its own.</summary>
    private Descriptor AddLiar(string name)
    {
        var parts = name.Split(':');
        var config = _world.Registry.AddBlob(parts[0], Archives.Config([s_layer]), MediaTypes.OciConfig);
        var archive = _world.Registry.AddBlob(parts[0], Archives.Gzip(Archives.Layer(("etc/name", "another"))));
        _world.Registry.AddManifest(parts[0], parts[1], config, [archive]);
        return archive;
    }
}
