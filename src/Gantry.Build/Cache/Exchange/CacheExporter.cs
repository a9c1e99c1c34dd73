using System.Collections.Concurrent;
using System.Text.Json;
using Gantry.Build.Progress;
using Gantry.Images;
using Gantry.Images.Push;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Build.Cache.Exchange;

/// <summary>Writes caches for others: the layers of results, and which keys they belong to.</summary>
/// <param name="content">Where the layers' archives are.</param>
internal sealed class CacheExporter(ContentStore content)
{
    private const int MostAtOnce = 4;

    /// <summary>
    /// What archives became, so that one which is at its place already is not compressed again. Compression gives the same bytes each time.
    /// </summary>
    private readonly ConcurrentDictionary<(Digest Archive, LayerForm Form), Descriptor> _compressed = new();

    /// <summary>Writes one.</summary>
    /// <returns>The manifest or index; null: it could not be written, and that is not to fail the build.</returns>
    public async Task<Descriptor?> ExportAsync(IReadOnlyList<OpenBuild> builds, CacheExport export, BuildProgress progress, CancellationToken cancellation)
    {
        try
        {
            return await progress.Begin($"exporting cache to {export.Target.Name}").RunAsync(step => WriteAsync(builds, export, step, cancellation));
        }
        catch (GantryException) when (export.Options.IgnoreError)
        {
            return null;
        }
    }

    private async Task<Descriptor> WriteAsync(IReadOnlyList<OpenBuild> builds, CacheExport export, ProgressStep step, CancellationToken cancellation)
    {
        using var lease = content.Lease();
        // 1. Which results, and of which layers they are.
        step.Part("preparing build cache for export", "", 0, 0);
        var results = await SelectAsync(builds, export.Options.All, cancellation);
        var layers = new Dictionary<Digest, (int Number, int Parent, ImageLayer Layer, DateTimeOffset? Created)>();
        foreach (var result in results)
        {
            var parent = -1;
            foreach (var (layer, created) in result.Result.Layers.Zip(result.Result.Created))
            {
                layers.TryAdd(layer.ChainId, (layers.Count, parent, layer, created));
                parent = layers[layer.ChainId].Number;
            }
        }
        // 2. The layers' archives.
        var archives = new ConcurrentDictionary<Digest, Descriptor>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(layers.Values.Select(entry => entry.Layer.Blob).DistinctBy(blob => blob.Digest), options, async (blob, stop) =>
            archives[blob.Digest] = await WriteLayerAsync(blob, export, lease, step, stop));
        // 3. What they are, then the document that names all.
        var config = Describe(results, layers, archives);
        await WriteAsync(export.Target, Of(CacheConfig.MediaType, config), config, step, "writing config", cancellation);
        var (root, bytes) = Compose(export.Options, Of(CacheConfig.MediaType, config),
            [.. archives.Values.DistinctBy(blob => blob.Digest).OrderBy(blob => blob.Digest)]);
        await export.Target.FinishAsync(root, bytes, cancellation);
        step.Part($"writing cache image manifest {root.Digest}", "", 0, 0, completed: true);
        return root;
    }

    /// <summary>Of all results those of which an image consists, or all.</summary>
    private static async Task<List<KnownResult>> SelectAsync(IReadOnlyList<OpenBuild> builds, bool all, CancellationToken cancellation)
    {
        var selected = new Dictionary<Digest, KnownResult>();
        foreach (var build in builds)
        {
            var image = (await build.SolveAsync(cancellation)).Layers.Select(layer => layer.ChainId).ToHashSet();
            foreach (var known in await build.KnownAsync(cancellation))
            {
                if (known.Result.Layers.Count > 0 && (all || image.Contains(known.Result.Layers[^1].ChainId)))
                    selected[known.Key] = known;
            }
        }
        return [.. selected.Values.OrderBy(known => known.Key)];
    }

    private async Task<Descriptor> WriteLayerAsync(Descriptor blob, CacheExport export, ContentLease lease, ProgressStep step, CancellationToken cancellation)
    {
        var form = export.Options.Layers;
        var compressor = new LayerCompressor(content, form);
        var compresses = compressor.Changes(blob);
        if (compresses && _compressed.TryGetValue((blob.Digest, form), out var before) && await export.Target.ContainsAsync(before, cancellation))
            return Plainly(before);
        if (!lease.TryHold(blob.Digest))
            throw GantryException.NotFound($"the layer {blob.Digest} of the cache was removed meanwhile: build once more");
        var (written, isNew) = compresses ? await compressor.CompressAsync(blob, lease, static _ => { }, cancellation) : (blob, false);
        if (compresses)
            _compressed[(blob.Digest, form)] = written;
        try
        {
            await WriteAsync(export.Target, written, null, step, $"writing layer {written.Digest}", cancellation);
        }
        finally
        {
            // An image may have the same archive: that stays.
            if (isNew)
                lease.Discard(written.Digest);
        }
        return Plainly(written);
    }

    private async Task WriteAsync(ICacheTarget target, Descriptor blob, byte[]? bytes, ProgressStep step, string what, CancellationToken cancellation)
    {
        step.Part(what, "", 0, blob.Size);
        if (!await target.ContainsAsync(blob, cancellation))
            await target.WriteAsync(blob, () => bytes is null ? content.OpenRead(blob.Digest) : new MemoryStream(bytes, writable: false), cancellation);
        step.Part(what, "", blob.Size, blob.Size, completed: true);
    }

    private static byte[] Describe(
        List<KnownResult> results, Dictionary<Digest, (int Number, int Parent, ImageLayer Layer, DateTimeOffset? Created)> layers,
        ConcurrentDictionary<Digest, Descriptor> archives)
    {
        var config = new CacheConfig
        {
            Layers =
            [
                .. layers.Values.OrderBy(entry => entry.Number).Select(entry => new CacheConfigLayer
                {
                    Blob = archives[entry.Layer.Blob.Digest].Digest,
                    Parent = entry.Parent,
                    Annotations = new CacheConfigAnnotations
                    {
                        MediaType = archives[entry.Layer.Blob.Digest].MediaType, DiffId = entry.Layer.DiffId.ToString(),
                        Size = archives[entry.Layer.Blob.Digest].Size, CreatedAt = entry.Created,
                    },
                }),
            ],
            Records =
            [
                .. results.Select(result => new CacheConfigRecord
                {
                    Key = result.Key,
                    Results = [new CacheConfigResult { Layer = layers[result.Result.Layers[^1].ChainId].Number, CreatedAt = result.CreatedAt }],
                }),
            ],
        };
        return JsonSerializer.SerializeToUtf8Bytes(config, CacheConfigJson.Default.CacheConfig);
    }

    private static (Descriptor Root, ReadOnlyMemory<byte> Bytes) Compose(CacheExportOptions options, Descriptor config, List<Descriptor> layers)
    {
        if (options.ImageManifest)
        {
            var manifest = ImageDocument.Create(new ImageManifest { MediaType = MediaTypes.OciManifest, Config = config, Layers = layers });
            return (new Descriptor { MediaType = MediaTypes.OciManifest, Digest = manifest.Digest, Size = manifest.Bytes.Length }, manifest.Bytes);
        }
        var index = ImageDocument.Create(new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = [.. layers, config] });
        return (new Descriptor { MediaType = MediaTypes.OciIndex, Digest = index.Digest, Size = index.Bytes.Length }, index.Bytes);
    }

    private static Descriptor Of(string type, byte[] bytes) => new() { MediaType = type, Digest = Digest.Compute(bytes), Size = bytes.Length };

    private static Descriptor Plainly(Descriptor blob) => new() { MediaType = MediaTypes.ToOci(blob.MediaType), Digest = blob.Digest, Size = blob.Size };
}
