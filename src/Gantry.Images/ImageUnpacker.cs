using System.Collections.Concurrent;
using Gantry.Images.Layers;
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
    private readonly ConcurrentDictionary<Digest, Task<long>> _running = new();
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
        return top is null || _snapshotter.Exists(top) ? ValueTask.FromResult(top) : new ValueTask<string?>(UnpackAllAsync(image, cancellation));
    }

    /// <summary>Unpacks what is missing and tells the sizes of the layers' files: from those unpacked now as counted, from others as <paramref name="image"/> has them.</summary>
    internal async Task<Image> UnpackAndMeasureAsync(Image image, IReadOnlyDictionary<Digest, long> knownSizes, Action<int>? onLayer, CancellationToken cancellation)
    {
        var layers = new List<ImageLayer>(image.Layers.Count);
        string? parent = null;
        foreach (var layer in image.Layers)
        {
            onLayer?.Invoke(layers.Count);
            var size = await EnsureLayerAsync(layer, parent, cancellation)
                ?? (knownSizes.TryGetValue(layer.ChainId, out var known) ? known : _snapshotter.MeasureUsage(layer.ChainId.ToString()).Bytes);
            layers.Add(layer with { Size = size });
            parent = layer.ChainId.ToString();
        }
        return image with { Layers = layers };
    }

    /// <summary>Unpacks an archive whose diff ID nobody knows yet as the lowest layer of a new image, and holds it.</summary>
    internal async Task<(ImageLayer Layer, LayerHold Hold)> UnpackNewAsync(Descriptor blob, LayerHolds holds, CancellationToken cancellation)
    {
        var key = NewKey();
        _snapshotter.Prepare(key, null);
        try
        {
            var applied = await ApplyAsync(blob.Digest, key, default, cancellation);
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

    private async Task<string?> UnpackAllAsync(Image image, CancellationToken cancellation)
    {
        string? parent = null;
        foreach (var layer in image.Layers)
        {
            await EnsureLayerAsync(layer, parent, cancellation);
            parent = layer.ChainId.ToString();
        }
        return parent;
    }

    /// <summary>The size of the layer's files, or null when it was unpacked already.</summary>
    private async Task<long?> EnsureLayerAsync(ImageLayer layer, string? parent, CancellationToken cancellation)
    {
        while (!_snapshotter.Exists(layer.ChainId.ToString()))
        {
            // One unpacks, the others wait; it goes on when its first caller gives up, because others may be waiting.
            var started = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var running = _running.GetOrAdd(layer.ChainId, started.Task);
            if (running == started.Task)
                _ = Task.Run(() => RunAsync(layer, parent, started), CancellationToken.None);
            var size = await running.WaitAsync(cancellation);
            if (_snapshotter.Exists(layer.ChainId.ToString()))
                return size;
        }
        return null;
    }

    private async Task RunAsync(ImageLayer layer, string? parent, TaskCompletionSource<long> result)
    {
        try
        {
            var size = await UnpackAsync(layer, parent);
            _running.TryRemove(layer.ChainId, out _);
            result.SetResult(size);
        }
        catch (Exception e)
        {
            _running.TryRemove(layer.ChainId, out _);
            // Handed to whoever waits; there is at least the caller that began it.
            result.SetException(e);
        }
    }

    private async Task<long> UnpackAsync(ImageLayer layer, string? parent)
    {
        using var lease = _content.Lease();
        if (!lease.TryHold(layer.Blob.Digest))
            throw GantryException.NotFound($"unpack layer {layer.DiffId}: its archive {layer.Blob.Digest} is not here");
        var key = NewKey();
        _snapshotter.Prepare(key, parent);
        try
        {
            var applied = await ApplyAsync(layer.Blob.Digest, key, layer.DiffId, CancellationToken.None);
            _snapshotter.Commit(layer.ChainId.ToString(), key);
            return applied.ContentSize;
        }
        catch
        {
            _snapshotter.Remove(key);
            throw;
        }
    }

    private async Task<AppliedLayer> ApplyAsync(Digest blob, string key, Digest expectedDiffId, CancellationToken cancellation)
    {
        using var target = _snapshotter.OpenTarget(key);
        return await LayerApplier.ApplyAsync(_content.OpenRead(blob), target, expectedDiffId, cancellation);
    }

    private string NewKey() => TemporaryPrefix + Interlocked.Increment(ref _last);
}
