using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Compression;

namespace Gantry.Images;

/// <summary>Makes an image from the archive of a root filesystem: <c>docker import</c>.</summary>
/// <param name="store">Where it goes.</param>
/// <param name="unpacker">Unpacks the layer.</param>
public sealed class ImageImporter(ImageStore store, ImageUnpacker unpacker)
{
    private const string DefaultMessage = "Imported from -";
    private readonly ImageWriter _writer = new(store);

    /// <summary>Makes an image of one layer.</summary>
    /// <param name="archive">The root filesystem, a tar archive, plain or compressed with gzip, zstd, bzip2 or xz; read forward to its end.</param>
    /// <param name="reference">Its name; <c>latest</c> is added when it has no tag; null for none.</param>
    /// <param name="run">Its configuration of containers.</param>
    /// <param name="message">A message for its history; empty: docker's own.</param>
    /// <param name="platform">What it runs on; null: this machine.</param>
    /// <param name="progress">Is told the image's ID at the end.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The name has a digest, or the archive is damaged; nothing is left then.</exception>
    public async Task<Image> ImportAsync(
        Stream archive, ImageReference? reference, ImageRunConfig run, string message, Platform? platform = null,
        Action<ImageProgress>? progress = null, CancellationToken cancellation = default)
    {
        // 1. Whatever can be refused without reading the archive.
        if (reference?.Digest is not null)
            throw GantryException.Invalid("cannot import digest reference");
        try
        {
            // 2. The archive becomes a blob, and the blob a layer.
            using var lease = store.Content.Lease();
            var (blob, mediaType) = await TakeAsync(lease, archive, cancellation);
            var descriptor = new Descriptor { MediaType = mediaType, Digest = blob, Size = store.Content.SizeOf(blob)!.Value };
            var (layer, hold) = await unpacker.UnpackNewAsync(descriptor, store.Holds, cancellation);
            // 3. Configuration and manifest make an image of it.
            using (hold)
                return Register(lease, layer, run, message, platform ?? Platform.Host, reference?.WithDefaultTag(), progress);
        }
        catch
        {
            store.Garbage.Collect();
            throw;
        }
    }

    private Image Register(
        Storage.Content.ContentLease lease, ImageLayer layer, ImageRunConfig run, string message, Platform platform, ImageReference? reference,
        Action<ImageProgress>? progress)
    {
        var now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        var config = new ImageConfig
        {
            Created = now,
            Architecture = platform.Architecture,
            Variant = platform.Variant,
            Os = platform.Os,
            Config = run,
            RootFs = new ImageRootFs { DiffIds = [layer.DiffId] },
            History = [new ImageHistory { Created = now, Comment = message.Length > 0 ? message : DefaultMessage }],
        };
        var image = _writer.Write(lease, config, [layer], reference);
        progress?.Invoke(new ImageProgress(image.Id.ToString()));
        store.Events(ImageEvent.Of("import", image, reference?.Familiar ?? image.Id.ToString()));
        return image;
    }

    /// <summary>Stores the archive as it comes; one that no layer can be, decompressed.</summary>
    private static async Task<(Digest Blob, string MediaType)> TakeAsync(Storage.Content.ContentLease lease, Stream archive, CancellationToken cancellation)
    {
        var start = new byte[Decompression.MagicLength];
        var length = await archive.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        await using var whole = new PrefixedStream(start.AsMemory(0, length), archive);
        var kind = Decompression.Detect(start.AsSpan(0, length));
        if (kind is CompressionKind.Bzip2 or CompressionKind.Xz)
        {
            await using var plain = (await Decompression.OpenAsync(whole, cancellation)).Content;
            try
            {
                return (await lease.AddAsync(plain, cancellation: cancellation), MediaTypes.OciLayer);
            }
            catch (InvalidDataException error)
            {
                throw GantryException.Invalid($"import: the archive is damaged: {error.Message}");
            }
        }
        var mediaType = kind switch
        {
            CompressionKind.Gzip => MediaTypes.OciLayerGzip,
            CompressionKind.Zstd => MediaTypes.OciLayerZstd,
            _ => MediaTypes.OciLayer,
        };
        return (await lease.AddAsync(whole, cancellation: cancellation), mediaType);
    }
}
