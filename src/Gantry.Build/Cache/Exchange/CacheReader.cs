using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache.Exchange;

/// <summary>
/// Reads what a cache says: a cache of its own, be it an image manifest or an index, or the records in the configuration of an image (inline). Nothing of
/// it is trusted: digests are verified, sizes bounded, numbers of layers checked.
/// </summary>
/// <param name="source">Where it is.</param>
internal sealed class CacheReader(ICacheSource source)
{
    private const string InlineKey = "moby.buildkit.cache.v0";
    private const int MostConfigBytes = 64 << 20;
    private const int MostImages = 64;

    /// <summary>Reads all of it.</summary>
    /// <exception cref="GantryException">It is not there, damaged, or no cache.</exception>
    public async Task<RecordTable> ReadAsync(CancellationToken cancellation)
    {
        var root = await source.ReadRootAsync(cancellation);
        try
        {
            if (!MediaTypes.IsIndex(root.MediaType))
                return await ReadManifestAsync(root.Bytes, cancellation);
            var index = ImageDocument.ReadIndex(root.Bytes).Value;
            return index.Manifests.Find(entry => entry.MediaType == CacheConfig.MediaType) is { } config
                ? RecordTable.Of(Parse(await ReadAsync(config, cancellation)), index.Manifests)
                : await ReadImagesAsync(index, cancellation);
        }
        catch (JsonException error)
        {
            throw GantryException.Invalid($"the cache {source.Name} is damaged: {error.Message}", error);
        }
    }

    private async Task<RecordTable> ReadImagesAsync(ImageIndex index, CancellationToken cancellation)
    {
        var table = new RecordTable();
        foreach (var entry in index.Manifests.Where(entry =>
            MediaTypes.IsManifest(entry.MediaType) && entry.Annotation(Annotations.DockerReferenceType) is null).Take(MostImages))
            table.Add(await ReadManifestAsync(await ReadAsync(entry, cancellation), cancellation));
        return table;
    }

    private async Task<RecordTable> ReadManifestAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var manifest = ImageDocument.ReadManifest(bytes).Value;
        var config = manifest.Config ?? throw GantryException.Invalid($"the cache {source.Name} has no configuration");
        return config.MediaType == CacheConfig.MediaType
            ? RecordTable.Of(Parse(await ReadAsync(config, cancellation)), manifest.Layers)
            : ReadInline(await ReadAsync(config, cancellation), manifest);
    }

    private static RecordTable ReadInline(ReadOnlyMemory<byte> config, ImageManifest manifest)
    {
        using var document = JsonDocument.Parse(config);
        if (!document.RootElement.TryGetProperty(InlineKey, out var inline) || inline.ValueKind != JsonValueKind.String
            || !inline.TryGetBytesFromBase64(out var bytes))
            return new RecordTable();
        var records = JsonSerializer.Deserialize(bytes, CacheConfigJson.Default.IReadOnlyListCacheConfigRecord) ?? [];
        var image = ImageDocument.ReadConfig(config).Value;
        var diffIds = image.RootFs?.DiffIds ?? [];
        if (diffIds.Count != manifest.Layers.Count)
            throw GantryException.Invalid($"the image has {manifest.Layers.Count} layers and {diffIds.Count} diff IDs");
        var created = InlineCache.TimesOf(image);
        var layers = diffIds.Select((diffId, i) => new CacheConfigLayer
        {
            Blob = manifest.Layers[i].Digest,
            Parent = i - 1,
            Annotations = new CacheConfigAnnotations { DiffId = diffId.ToString(), CreatedAt = created[i] },
        });
        return RecordTable.Of(new CacheConfig { Layers = [.. layers], Records = records }, manifest.Layers);
    }

    private static CacheConfig Parse(ReadOnlyMemory<byte> bytes) =>
        JsonSerializer.Deserialize(bytes.Span, CacheConfigJson.Default.CacheConfig) ?? new CacheConfig();

    private async Task<ReadOnlyMemory<byte>> ReadAsync(Descriptor blob, CancellationToken cancellation)
    {
        if (blob.Size is < 0 or > MostConfigBytes)
            throw GantryException.Invalid($"{blob.Digest} of the cache {source.Name} has {blob.Size} bytes, more than the {MostConfigBytes} allowed");
        await using var stream = await source.OpenAsync(blob, cancellation);
        var bytes = new byte[blob.Size];
        await stream.ReadExactlyAsync(bytes, cancellation);
        using var hash = blob.Digest.CreateHash();
        hash.AppendData(bytes);
        return blob.Digest.Matches(hash.GetHashAndReset()) ? bytes
            : throw GantryException.Invalid($"{blob.Digest} of the cache {source.Name} has other content than its digest says");
    }
}
