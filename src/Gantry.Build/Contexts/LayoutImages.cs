using System.Collections.Concurrent;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Images.Layers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Build.Contexts;

/// <summary>Base images in OCI layouts. They do not come into the store: a build takes their layers, when a step stands on them.</summary>
/// <param name="open">Opens layouts; null: there are none.</param>
/// <param name="images">Knows layers that are here already.</param>
/// <param name="receiver">Unpacks and verifies.</param>
internal sealed class LayoutImages(Func<LayoutReference, ICacheSource>? open, ImageStore images, LayerReceiver receiver)
{
    private const int MostDocumentBytes = 8 << 20;
    private readonly ConcurrentDictionary<Digest, (ICacheSource Source, Image Image)> _found = new();

    /// <summary>Finds the image for a platform.</summary>
    /// <exception cref="GantryException">There is none, or it is damaged.</exception>
    public async Task<Image> ResolveAsync(string text, Platform platform, CancellationToken cancellation)
    {
        var source = open?.Invoke(LayoutReference.Parse(text)) ?? throw GantryException.NotFound($"{text}: there is no such layout");
        // 1. What is meant, down to the manifest for the platform.
        var root = await source.ReadRootAsync(cancellation);
        var (type, bytes) = (root.MediaType, root.Bytes);
        var target = new Descriptor { MediaType = type, Digest = Digest.Compute(bytes.Span), Size = bytes.Length };
        if (MediaTypes.IsIndex(type))
        {
            target = ImageDocument.ReadIndex(bytes).Value.Manifests
                .Where(entry => MediaTypes.IsManifest(entry.MediaType) && entry.Annotation(Annotations.DockerReferenceType) is null)
                .MaxBy(entry => entry.Platform is null ? 1 : platform.Fit(entry.Platform))
                ?? throw GantryException.NotFound($"{text} has no image");
            if (target.Platform is { } its && platform.Fit(its) == 0)
                throw GantryException.NotFound($"no match for platform in manifest: {text} has no image for {platform}");
            bytes = await ReadAsync(source, target, cancellation);
        }
        // 2. What it says.
        var manifest = ImageDocument.ReadManifest(bytes).Value;
        var config = ImageDocument.ReadConfig(
            await ReadAsync(source, manifest.Config ?? throw GantryException.Invalid($"{text} has no configuration"), cancellation));
        var diffIds = config.Value.RootFs?.DiffIds ?? [];
        if (diffIds.Count != manifest.Layers.Count)
            throw GantryException.Invalid($"{text} has {manifest.Layers.Count} layers and {diffIds.Count} diff IDs");
        var chain = ChainId.All(diffIds);
        var image = new Image
        {
            Id = config.Digest, Manifest = target, Target = target, Config = config.Value,
            Layers = [.. manifest.Layers.Select((layer, i) => new ImageLayer(layer, diffIds[i], chain[i], layer.Size))],
        };
        _found[image.Id] = (source, image);
        return image;
    }

    /// <summary>The layers of an image that was found, here and held by the lease; null: it is none of these.</summary>
    /// <exception cref="GantryException">One is missing, or not what it is said to be.</exception>
    public async Task<LayerResult?> ReadAsync(Digest id, ContentLease lease, CancellationToken cancellation)
    {
        if (!_found.TryGetValue(id, out var found))
            return null;
        var known = images.KnownLayers();
        var layers = new List<ImageLayer>();
        foreach (var layer in found.Image.Layers)
        {
            var isHere = known.TryGetValue(layer.ChainId, out var own) && lease.TryHold(own.Blob.Digest);
            layers.Add(isHere ? own! : layer);
            if (isHere || lease.TryHold(layer.Blob.Digest))
                continue;
            await using var content = await found.Source.OpenAsync(layer.Blob, cancellation);
            await lease.AddAsync(content, layer.Blob.Digest, layer.Blob.Size, BlobDurability.Cache, cancellation);
        }
        return new LayerResult(await receiver.ReceiveAsync(layers, cancellation), new DateTimeOffset?[layers.Count]);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(ICacheSource source, Descriptor blob, CancellationToken cancellation)
    {
        if (blob.Size is < 0 or > MostDocumentBytes)
            throw GantryException.Invalid($"{blob.Digest} has {blob.Size} bytes, more than the {MostDocumentBytes} allowed");
        await using var stream = await source.OpenAsync(blob, cancellation);
        var bytes = new byte[blob.Size];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return Digest.Compute(bytes) == blob.Digest ? bytes : throw GantryException.Invalid($"{blob.Digest} has other content than its digest says");
    }
}
