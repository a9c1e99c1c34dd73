using System.Collections.Concurrent;
using Gantry.Images.Layers;
using Gantry.Images.Load;
using Gantry.Images.Pull;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;
using Gantry.Storage.Layers;
using Gantry.Storage.Snapshots;

namespace Gantry.Images;

/// <summary>
/// Unpacks the layers of images into snapshots, each once: who needs a layer that is being unpacked waits for it. A layer appears under its
/// chain ID when it is whole and has the right diff ID, or not at all.
/// </summary>
public sealed class ImageUnpacker
{
    private const string TemporaryPrefix = "unpack-";
    private readonly ContentStore _content;
    private readonly ISnapshotter _snapshotter;
    private readonly ConcurrentDictionary<Digest, Task> _running = new();
    private readonly ConcurrentDictionary<Digest, (Digest Archive, long Size)> _unpacked = new();
    private long _last;

    /// <summary>Begins to unpack; what an interrupted unpacking left is removed.</summary>
    /// <param name="content">Where the layers' archives are.</param>
    /// <param name="snapshotter">Where they are unpacked.</param>
    public ImageUnpacker(ContentStore content, ISnapshotter snapshotter)
    {
        (_content, _snapshotter) = (content, snapshotter);
        foreach (var snapshot in snapshotter.List())
        {
            if (snapshot.Writable && snapshot.Key.StartsWith(TemporaryPrefix, StringComparison.Ordinal))
                snapshotter.Remove(snapshot.Key);
        }
    }

    /// <summary>Makes sure that all layers of an image are unpacked; usually they are, and nothing is done.</summary>
    /// <returns>The key of the topmost layer's snapshot; null for an image without layers.</returns>
    /// <exception cref="GantryException">A layer's archive is missing, damaged, or not what the image says.</exception>
    public ValueTask<string?> EnsureUnpackedAsync(Image image, CancellationToken cancellation = default)
    {
        var top = image.TopSnapshot;
        return top is null || _snapshotter.Exists(top) ? ValueTask.FromResult(top) : new ValueTask<string?>(UnpackAllAsync(image.Layers, cancellation));
    }

    /// <summary>As <see cref="EnsureUnpackedAsync(Image, CancellationToken)"/>, for layers that may not be an image yet.</summary>
    public async Task EnsureUnpackedAsync(IReadOnlyList<ImageLayer> layers, CancellationToken cancellation = default)
    {
        if (layers.Count > 0 && !_snapshotter.Exists(layers[^1].ChainId.ToString()))
            await UnpackAllAsync(layers, cancellation);
    }

    /// <summary>
    /// Unpacks a layer, if it is not, and tells the size of its files: as counted while unpacking, or as other images have it. One that was unpacked
    /// from another archive, be it a moment ago, says nothing about this one, which is read for its diff ID.
    /// </summary>
    internal async Task<ImageLayer> UnpackAndVerifyAsync(
        ImageLayer layer, string? parent, IReadOnlyDictionary<Digest, long> knownSizes, LayerVerifier verifier, CancellationToken cancellation)
    {
        await EnsureLayerAsync(layer, parent, cancellation);
        var isRecent = _unpacked.TryGetValue(layer.ChainId, out var unpacked);
        if (!isRecent || unpacked.Archive != layer.Blob.Digest)
            await verifier.VerifyAsync(layer, cancellation);
        var size = isRecent ? unpacked.Size
            : knownSizes.TryGetValue(layer.ChainId, out var known) ? known
            : _snapshotter.MeasureUsage(layer.ChainId.ToString()).Bytes;
        return layer with { Size = size };
    }

    /// <summary>The same of all layers of an image, the lowest first.</summary>
    internal async Task<Image> UnpackAndVerifyAsync(
        Image image, IReadOnlyDictionary<Digest, long> knownSizes, LayerVerifier verifier, Action<ImageLayer>? onLayer, CancellationToken cancellation)
    {
        var layers = new List<ImageLayer>(image.Layers.Count);
        foreach (var layer in image.Layers)
        {
            onLayer?.Invoke(layer);
            layers.Add(await UnpackAndVerifyAsync(layer, layers.LastOrDefault()?.ChainId.ToString(), knownSizes, verifier, cancellation));
        }
        return image with { Layers = layers };
    }

    /// <summary>
    /// Unpacks a layer from bytes that are still on their way; it appears when they have become a verified blob. Null, and nothing is read, when
    /// it is unpacked or being unpacked already, or when what it stands on is not there yet.
    /// </summary>
    internal Task? TryUnpackArriving(ImageLayer layer, string? parent, ArrivingBlob blob, CancellationToken cancellation)
    {
        if (parent is not null && !_snapshotter.Exists(parent) || _snapshotter.Exists(layer.ChainId.ToString()))
            return null;
        var started = NewResult();
        if (!_running.TryAdd(layer.ChainId, started.Task))
            return null;
        return RunAsync(layer, () => UnpackArrivingAsync(layer, parent, blob, cancellation), started);
    }

    /// <summary>Unpacks an archive whose diff ID nobody knows yet as the lowest layer of a new image, and holds it.</summary>
    internal async Task<(ImageLayer Layer, LayerHold Hold)> UnpackNewAsync(Descriptor blob, LayerHolds holds, CancellationToken cancellation)
    {
        var key = NewKey();
        _snapshotter.Prepare(key, null, forLayer: true);
        try
        {
            var applied = await ApplyAsync(_content.OpenRead(blob.Digest), key, default, cancellation);
            var hold = holds.Hold([applied.DiffId]);
            _snapshotter.Commit(applied.DiffId.ToString(), key);
            return (new ImageLayer(blob, applied.DiffId, applied.DiffId, applied.ContentSize), hold);
        }
        catch
        {
            _snapshotter.Remove(key);
            throw;
        }
    }

    private async Task<string?> UnpackAllAsync(IReadOnlyList<ImageLayer> layers, CancellationToken cancellation)
    {
        string? parent = null;
        foreach (var layer in layers)
        {
            await EnsureLayerAsync(layer, parent, cancellation);
            parent = layer.ChainId.ToString();
        }
        return parent;
    }

    private async Task EnsureLayerAsync(ImageLayer layer, string? parent, CancellationToken cancellation)
    {
        while (!_snapshotter.Exists(layer.ChainId.ToString()))
        {
            // One unpacks, the others wait; it goes on when its first caller gives up, because others may be waiting.
            var started = NewResult();
            var running = _running.GetOrAdd(layer.ChainId, started.Task);
            if (running == started.Task)
                _ = Task.Run(() => RunAsync(layer, () => UnpackAsync(layer, parent), started), CancellationToken.None);
            try
            {
                await running.WaitAsync(cancellation);
            }
            catch (Exception) when (running != started.Task && !cancellation.IsCancellationRequested)
            {
                // It was unpacked from somebody else's download, which failed or was given up: the archive here may be better.
            }
        }
    }

    /// <summary>Hands what became of the work to whoever waits, the caller among them.</summary>
    private async Task RunAsync(ImageLayer layer, Func<Task> unpack, TaskCompletionSource result)
    {
        try
        {
            await unpack();
            _running.TryRemove(layer.ChainId, out _);
            result.SetResult();
        }
        catch (Exception e)
        {
            _running.TryRemove(layer.ChainId, out _);
            result.SetException(e);
        }
        await result.Task;
    }

    private async Task UnpackAsync(ImageLayer layer, string? parent)
    {
        using var lease = _content.Lease();
        if (!lease.TryHold(layer.Blob.Digest))
            throw GantryException.NotFound($"unpack layer {layer.DiffId}: its archive {layer.Blob.Digest} is not here");
        await UnpackAsync(layer, parent, key => ApplyAsync(_content.OpenRead(layer.Blob.Digest), key, layer.DiffId, CancellationToken.None));
    }

    private Task UnpackArrivingAsync(ImageLayer layer, string? parent, ArrivingBlob blob, CancellationToken cancellation) =>
        UnpackAsync(layer, parent, async key =>
        {
            var applied = await ApplyAsync(blob.Content, key, layer.DiffId, cancellation);
            await blob.CompleteAsync(cancellation);
            return applied;
        });

    private async Task UnpackAsync(ImageLayer layer, string? parent, Func<string, Task<AppliedLayer>> apply)
    {
        var key = NewKey();
        _snapshotter.Prepare(key, parent, forLayer: true);
        try
        {
            var applied = await apply(key);
            _unpacked[layer.ChainId] = (layer.Blob.Digest, applied.ContentSize);
            _snapshotter.Commit(layer.ChainId.ToString(), key);
        }
        catch
        {
            _snapshotter.Remove(key);
            throw;
        }
    }

    private async Task<AppliedLayer> ApplyAsync(Stream archive, string key, Digest expectedDiffId, CancellationToken cancellation)
    {
        using var target = _snapshotter.OpenTarget(key);
        return await LayerApplier.ApplyAsync(archive, target, expectedDiffId, cancellation);
    }

    private static TaskCompletionSource NewResult() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string NewKey() => TemporaryPrefix + Interlocked.Increment(ref _last);
}
