using System.Collections.Concurrent;
using Gantry.Build.Progress;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Build.Cache.Exchange;

/// <summary>
/// A cache of others that builds use: <c>--cache-from</c>. What it has is read once, its layers are fetched when a step's key is among its records. A cache
/// that cannot be had is told and does not fail a build, as with BuildKit. Builds for several platforms share one.
/// </summary>
/// <param name="source">Where it is.</param>
public sealed class CacheImport(ICacheSource source)
{
    private const int MostAtOnce = 4;
    private readonly ConcurrentDictionary<Digest, bool> _broken = new();
    private readonly Lock _gate = new();
    private Task<RecordTable>? _records;

    /// <summary>Reads what it has; a second call waits for the first.</summary>
    public async Task LoadAsync(BuildProgress progress, CancellationToken cancellation)
    {
        try
        {
            await RecordsAsync(progress, cancellation);
        }
        catch (Exception error) when (error is GantryException or IOException)
        {
            // The step has told it.
        }
    }

    /// <summary>The layers of a result, brought here; null: it does not have it, or it cannot be had.</summary>
    /// <param name="key">The key of the step.</param>
    /// <param name="images">Knows layers that are here already, and takes new ones.</param>
    /// <param name="receiver">Unpacks and verifies.</param>
    /// <param name="lease">Holds the archives.</param>
    /// <param name="begin">Begins to tell of the step, when something is fetched.</param>
    /// <param name="cancellation">Stops it.</param>
    internal async Task<LayerResult?> FindAsync(
        Digest key, ImageStore images, LayerReceiver receiver, ContentLease lease, Func<ProgressStep> begin, CancellationToken cancellation)
    {
        if (_records is not { IsCompletedSuccessfully: true } records || records.Result.Find(key) is not { } offered || _broken.ContainsKey(key))
            return null;
        var step = begin();
        try
        {
            // 1. What is here already stays as it is.
            var known = images.KnownLayers();
            var layers = offered.Select(layer => known.TryGetValue(layer.ChainId, out var own) && lease.TryHold(own.Blob.Digest) ? own : layer.ToLayer())
                .ToList();
            // 2. The rest is fetched, then verified and unpacked.
            var options = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(layers.DistinctBy(layer => layer.Blob.Digest), options, async (layer, stop) =>
                await FetchAsync(layer.Blob, lease, step, stop));
            return new LayerResult(await receiver.ReceiveAsync(layers, cancellation), [.. offered.Select(layer => layer.Created)]);
        }
        catch (Exception error) when (error is GantryException or IOException)
        {
            // It is not what it said: the step is run instead.
            _broken[key] = true;
            step.Log(2, System.Text.Encoding.UTF8.GetBytes($"the cache {source.Name} cannot be used: {error.Message}\n"));
            return null;
        }
    }

    /// <summary>What it says of a key, without fetching anything; null: nothing.</summary>
    internal IReadOnlyList<OfferedLayer>? Look(Digest key) => _records is { IsCompletedSuccessfully: true } records ? records.Result.Find(key) : null;

    /// <summary>The other keys of a result that was found.</summary>
    internal IReadOnlyList<Digest> OthersLike(Digest key) => _records!.Result.OthersLike(key);

    private Task<RecordTable> RecordsAsync(BuildProgress progress, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return _records ??= progress.Begin($"importing cache manifest from {source.Name}").RunAsync(async step =>
            {
                var records = await new CacheReader(source).ReadAsync(cancellation);
                step.Part("inferred cache manifest type", "", 0, 0, completed: true);
                return records;
            });
        }
    }

    private async Task FetchAsync(Descriptor blob, ContentLease lease, ProgressStep step, CancellationToken cancellation)
    {
        if (lease.TryHold(blob.Digest))
            return;
        step.Part(blob.Digest.ToString(), "downloading", 0, blob.Size);
        await using var content = await source.OpenAsync(blob, cancellation);
        await lease.AddAsync(content, blob.Digest, blob.Size, BlobDurability.Cache, cancellation);
        step.Part(blob.Digest.ToString(), "downloading", blob.Size, blob.Size, completed: true);
    }
}
