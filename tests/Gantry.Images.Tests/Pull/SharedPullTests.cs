using Gantry.Oci.Images;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Images.Tests.Pull;

public sealed class SharedPullTests : IAsyncDisposable
{
    private readonly TransferWorld _world = new();
    private readonly ManualResetEventSlim _released = new();
    private readonly byte[] _layer = RegistryImages.Noise("data", 300_000);

    [Fact]
    public async Task Two_pulls_of_one_image_share_each_transfer()
    {
        var remote = _world.Registry.AddImage("app", "1", [_layer]);
        HoldBack(remote.Layers[0]);
        var pulls = new[] { _world.PullAsync("app:1"), _world.PullAsync("app:1") };
        await BothWaitAsync(remote.Layers[0]);
        _released.Set();

        var images = await Task.WhenAll(pulls);

        Assert.Equal(images[0].Id, images[1].Id);
        Assert.Single(_world.Registry.Gets(remote.Layers[0]));
    }

    [Fact]
    public async Task Two_images_with_one_layer_share_its_transfer()
    {
        var first = _world.Registry.AddImage("app", "1", [_layer]);
        _world.Registry.AddImage("other", "1", [_layer, Archives.Layer(("etc/name", "upper"))]);
        HoldBack(first.Layers[0]);
        var pulls = new[] { _world.PullAsync("app:1"), _world.PullAsync("other:1") };
        await BothWaitAsync(first.Layers[0]);
        _released.Set();

        var images = await Task.WhenAll(pulls);

        Assert.Equal("upper", _world.Images.ReadFile(images[1], "etc/name"));
        Assert.Single(_world.Registry.Gets(first.Layers[0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task When_one_of_two_gives_up_the_other_gets_the_image_from_the_same_transfer(int quitter)
    {
        var remote = _world.Registry.AddImage("app", "1", [_layer]);
        HoldBack(remote.Layers[0]);
        using var cancel = new CancellationTokenSource();
        var pulls = new List<Task<Image>>();
        for (var i = 0; i < 2; i++)
            pulls.Add(_world.PullAsync("app:1", cancellation: i == quitter ? cancel.Token : default));
        await BothWaitAsync(remote.Layers[0]);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pulls[quitter]);
        _released.Set();

        Assert.Equal(remote.Config.Digest, (await pulls[1 - quitter]).Id);
        Assert.Single(_world.Registry.Gets(remote.Layers[0]));
    }

    [Fact]
    public async Task A_repository_that_fails_does_not_take_the_pull_from_another_along()
    {
        var bad = _world.Registry.AddImage("bad", "1", [_layer]);
        _world.Registry.AddImage("good", "1", [_layer]);
        _world.Registry.Fault = request =>
        {
            if (request.Method != "GET" || !request.Path.StartsWith("/v2/bad/blobs/" + bad.Layers[0].Digest, StringComparison.Ordinal))
                return null;
            _released.Wait();
            return TestResponse.Text(404);
        };
        var failing = _world.PullAsync("bad:1");
        while (_world.Registry.Gets(bad.Layers[0]).Count == 0)
            await Task.Delay(5);
        var succeeding = _world.PullAsync("good:1");
        await BothWaitAsync(bad.Layers[0]);
        _released.Set();

        await Assert.ThrowsAnyAsync<Gantry.Oci.GantryException>(() => failing);
        Assert.Equal(bad.Config.Digest, (await succeeding).Id);
    }

    [Fact]
    public async Task An_image_that_has_one_layer_twice_fetches_it_once()
    {
        var twice = Archives.Layer(("etc/name", "twice"));
        var remote = _world.Registry.AddImage("app", "1", [twice, _layer, twice]);

        var image = await _world.PullAsync("app:1");

        Assert.Equal(3, image.Layers.Count);
        Assert.Single(_world.Registry.Gets(remote.Layers[0]));
    }

    public ValueTask DisposeAsync()
    {
        _released.Set();
        return _world.DisposeAsync();
    }

    private void HoldBack(Descriptor layer) => _world.Registry.Fault = request =>
    {
        if (request.Method == "GET" && request.Path.EndsWith(layer.Digest.ToString(), StringComparison.Ordinal))
            _released.Wait();
        return null;
    };

    /// <summary>Both pulls have told that they want the layer, and are waiting for it.</summary>
    private async Task BothWaitAsync(Descriptor layer)
    {
        while (_world.Progress.Count(progress => progress.LayerId == layer.Digest.Short && progress.Status == "Pulling fs layer") < 2
            || _world.Registry.Gets(layer).Count == 0)
            await Task.Delay(5);
    }
}
