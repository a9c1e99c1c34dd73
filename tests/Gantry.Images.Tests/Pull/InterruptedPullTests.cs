using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Images.Tests.Pull;

public sealed class InterruptedPullTests : IAsyncDisposable
{
    private const int Length = 1_000_000;
    private const int Half = Length / 2;
    private readonly TransferWorld _world = new();
    private readonly RemoteImage _remote;

    public InterruptedPullTests() =>
        _remote = _world.Registry.AddImage("app", "1", [Archives.Layer(("etc/name", "lower")), RegistryImages.Noise("data", Length)]);

    private Descriptor Long => _remote.Layers[1];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_cancellation_the_next_pull_asks_for_the_rest_only_also_of_another_daemon(bool restart)
    {
        await CancelInTheMiddleAsync();
        var begun = Assert.Single(_world.Images.Content.PartialBlobs);
        Assert.Equal((Long.Digest, (long)Half), (begun.Digest, begun.Size));
        if (restart)
            _world.Restart();

        var image = await _world.PullAsync("app:1");

        Assert.Equal([null, $"bytes={Half}-"], _world.Registry.Gets(Long).Select(request => request.Header("Range")));
        Assert.Single(_world.Registry.Gets(_remote.Layers[0]));
        Assert.Equal("lower", _world.Images.ReadFile(image, "etc/name"));
        Assert.Empty(_world.Partial);
    }

    [Fact]
    public async Task What_was_fetched_before_a_cancellation_outlives_a_collection_of_garbage()
    {
        await CancelInTheMiddleAsync();
        _world.Restart();
        _world.Images.Store.Garbage.Collect();

        await _world.PullAsync("app:1");

        Assert.Single(_world.Registry.Gets(_remote.Layers[0]));
    }

    [Fact]
    public async Task What_an_interrupted_pull_left_is_no_finding_of_the_check()
    {
        await CancelInTheMiddleAsync();
        _world.Restart();

        var check = new Gantry.Images.Check.ImageStoreCheck(_world.Images.Store, _world.Images.Snapshotter);

        Assert.NotEmpty(_world.Images.Snapshotter.List());
        Assert.Empty(check.CheckLayers());
        Assert.Empty((await check.CheckContentAsync(default)).Findings);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_made_anew_and_goes_on_where_it_was()
    {
        FaultOnce(Long, body => new TestResponse(200, body) { CutAfter = Half });

        await _world.PullAsync("app:1");

        Assert.Equal([null, $"bytes={Half}-"], _world.Registry.Gets(Long).Select(request => request.Header("Range")));
    }

    [Fact]
    public async Task A_connection_that_falls_silent_is_made_anew_and_goes_on_where_it_was()
    {
        FaultOnce(Long, body => new TestResponse(200, body) { StallAfter = Half });

        await _world.PullAsync("app:1");

        Assert.Equal([null, $"bytes={Half}-"], _world.Registry.Gets(Long).Select(request => request.Header("Range")));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_failure_that_passes_is_waited_for(int status)
    {
        FaultOnce(Long, _ => TestResponse.Text(status));

        await _world.PullAsync("app:1");

        Assert.Equal(2, _world.Registry.Gets(Long).Count);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_failure_that_lasts_leaves_what_was_fetched_for_the_next_pull(int status)
    {
        var lasts = true;
        _world.Registry.Fault = request => lasts && IsFor(request, Long) ? TestResponse.Text(status) : null;
        var error = await Assert.ThrowsAnyAsync<GantryException>(() => _world.PullAsync("app:1"));
        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Empty(_world.Images.Store.Images);
        lasts = false;

        await _world.PullAsync("app:1");

        Assert.Single(_world.Registry.Gets(_remote.Layers[0]));
    }

    [Fact]
    public async Task A_network_that_stays_away_leaves_what_was_fetched_for_the_next_pull()
    {
        _world.Registry.Fault = request => !IsFor(request, Long) ? null
            : request.Header("Range") is null ? new TestResponse(200, Content(Long)) { CutAfter = Half }
                : TestResponse.Text(206, "") with { CutAfter = 0, DeclaredLength = Long.Size - Half,
                    Headers = [("Content-Range", $"bytes {Half}-{Long.Size - 1}/{Long.Size}")] };
        var error = await Assert.ThrowsAnyAsync<GantryException>(() => _world.PullAsync("app:1"));
        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Contains($"{_world.Registry.Authority}/app@{Long.Digest}", error.Message, StringComparison.Ordinal);
        _world.Registry.Fault = null;

        await _world.PullAsync("app:1");

        Assert.Single(_world.Registry.Gets(_remote.Layers[0]));
        Assert.Equal($"bytes={Half}-", _world.Registry.Gets(Long)[^1].Header("Range"));
    }

    [Fact]
    public async Task A_beginning_that_rotted_on_the_disk_is_found_out_and_the_layer_comes_anew_by_itself()
    {
        await CancelInTheMiddleAsync();
        var file = Assert.Single(Directory.EnumerateFiles(_world.Images.Root, "*.partial", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[1000] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        var image = await _world.PullAsync("app:1");

        Assert.Equal("lower", _world.Images.ReadFile(image, "etc/name"));
        Assert.Equal([null, $"bytes={Half}-", null], _world.Registry.Gets(Long).Select(request => request.Header("Range")));
        Assert.Empty(_world.Partial);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    /// <summary>Cancels a pull when the lower layer is complete and of the long one a half is there.</summary>
    private async Task CancelInTheMiddleAsync()
    {
        FaultOnce(Long, body => new TestResponse(200, body) { StallAfter = Half });
        using var cancel = new CancellationTokenSource();
        var pull = _world.PullAsync("app:1", cancellation: cancel.Token);
        while (!(_world.StatusesOf(_remote.Layers[0]).Contains("Pull complete") && _world.Images.Content.PartialBlobs.Any(partial => partial.Size == Half)))
            await Task.Delay(5);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
    }

    private void FaultOnce(Descriptor blob, Func<byte[], TestResponse> answer)
    {
        var done = 0;
        _world.Registry.Fault = request => IsFor(request, blob) && Interlocked.Exchange(ref done, 1) == 0 ? answer(Content(blob)) : null;
    }

    private byte[] Content(Descriptor blob) => _world.Registry.Blobs[$"app@{blob.Digest}"];

    private static bool IsFor(TestRequest request, Descriptor blob) =>
        request.Method == "GET" && request.Path.EndsWith(blob.Digest.ToString(), StringComparison.Ordinal);
}
