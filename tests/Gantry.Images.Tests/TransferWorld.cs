using System.Collections.Concurrent;
using Gantry.Oci.Images;
using Gantry.Registry.Client;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Tests.Server;
using Gantry.Registry.Client.Transport;

namespace Gantry.Images.Tests;

/// <summary>An image store and a registry, with what pulls and pushes between them.</summary>
internal sealed class TransferWorld : IAsyncDisposable
{
    private readonly RegistryClient _client = new(new RegistryClientOptions
    {
        Hosts = new RegistryHostOptions(),
        Proxy = new ProxyOptions(),
        Retry = new RetryPolicy { Attempts = 3, FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromSeconds(5) },
        StallTimeout = TimeSpan.FromMilliseconds(300),
    });

    public TransferWorld() => Connect();

    public ImageWorld Images { get; } = new();

    public TestRegistry Registry { get; } = new();

    public ImagePuller Puller { get; private set; } = null!;

    public ImagePusher Pusher { get; private set; } = null!;

    public ConcurrentQueue<ImageProgress> Progress { get; } = new();

    /// <summary>Blobs that are there in part.</summary>
    public IReadOnlyList<Digest> Partial => [.. Images.Content.PartialBlobs.Select(partial => partial.Digest)];

    public ImageReference Name(string name) => ImageReference.Parse($"{Registry.Authority}/{name}");

    public Task<Image> PullAsync(string name, Platform? platform = null, CancellationToken cancellation = default) =>
        Puller.PullAsync(Name(name), platform, credentials: null, Progress.Enqueue, cancellation);

    public Task<PushedImage> PushAsync(string name, Platform? platform = null, LayerCompression compression = LayerCompression.Gzip) =>
        Pusher.PushAsync(Name(name), platform, compression, credentials: null, Progress.Enqueue);

    public List<string> StatusesOf(Descriptor layer) =>
        [.. Progress.Where(progress => progress.LayerId == layer.Digest.Short).Select(progress => progress.Status!).Distinct()];

    /// <summary>As if the daemon had ended and another started.</summary>
    public void Restart()
    {
        Images.Restart();
        Connect();
    }

    /// <summary>The store is as if nothing had ever been pulled.</summary>
    public void AssertNothingLeft()
    {
        Assert.Equal((0, 0, ""), Images.Contents());
        Assert.Empty(Partial);
        Assert.Empty(Images.Store.Images);
        Assert.DoesNotContain(Directory.EnumerateFiles(Images.Root, "*", SearchOption.AllDirectories), path =>
            path.EndsWith(".lease", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Registry.DisposeAsync();
        Images.Dispose();
    }

    private void Connect()
    {
        Puller = new ImagePuller(Images.Store, Images.Unpacker, Images.Snapshotter, _client, concurrency: 3);
        Pusher = new ImagePusher(Images.Store, _client, concurrency: 3);
    }
}
