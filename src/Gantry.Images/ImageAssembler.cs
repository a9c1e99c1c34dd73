using Gantry.Images.Load;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Archives;
using Gantry.Storage.Content;

namespace Gantry.Images;

/// <summary>Writes the uncompressed archive of one layer of an image; called on a thread that may block.</summary>
/// <param name="chainId">The layer's chain ID.</param>
/// <param name="output">Where to.</param>
public delegate void LayerSourceWriter(Digest chainId, Stream output);

/// <summary>
/// Makes an image of a configuration that is kept as it is, byte for byte, and of layers that somebody can write again. Layers that the store has, of whatever
/// image and in whatever
/// compression, are not asked for.
/// </summary>
/// <param name="store">Where it goes.</param>
/// <param name="unpacker">Unpacks the layers.</param>
public sealed class ImageAssembler(ImageStore store, ImageUnpacker unpacker)
{
    private const int BufferSize = 1 << 18;

    /// <summary>Makes the image, or gives the one that is there its names.</summary>
    /// <param name="config">The configuration: its digest is the image's ID.</param>
    /// <param name="names">Names with a tag; none: it has none, or keeps those it has.</param>
    /// <param name="writeLayer">Writes layers.</param>
    /// <param name="cancellation">Stops it; nothing is left then.</param>
    /// <exception cref="GantryException">The configuration is malformed, or a layer is not what it says.</exception>
    public async Task<Image> AssembleAsync(
        ReadOnlyMemory<byte> config, IReadOnlyList<ImageReference> names, LayerSourceWriter writeLayer, CancellationToken cancellation = default)
    {
        var document = ImageDocument.ReadConfig(config);
        if (store.Find(document.Digest) is { } existing)
        {
            if (names.Count > 0)
                store.Register(existing, names);
            return store.Find(existing.Id)!;
        }
        try
        {
            using var lease = store.Content.Lease();
            // 1. The layers' archives, each verified by its diff ID.
            var diffIds = document.Value.RootFs?.DiffIds ?? [];
            var chainIds = Layers.ChainId.All(diffIds);
            var blobs = new List<Descriptor>();
            for (var i = 0; i < diffIds.Count; i++)
                blobs.Add(Find(lease, diffIds[i]) ?? await WriteAsync(lease, diffIds[i], chainIds[i], writeLayer));
            cancellation.ThrowIfCancellationRequested();
            // 2. Configuration and manifest make an image of them.
            var target = Describe(lease, document, blobs);
            var image = store.Reader.Read(target, Platform.Host);
            using var hold = store.Hold(image);
            image = await unpacker.UnpackAndVerifyAsync(image, store.KnownSizes(image), new LayerVerifier(store), onLayer: null, cancellation);
            // 3. Only now does anybody see it.
            store.Register(image, names);
            store.Events(ImageEvent.Of("load", image, names.Count > 0 ? names[0].Familiar : image.Id.ToString()));
            return store.Find(image.Id)!;
        }
        catch
        {
            store.Garbage.Collect();
            throw;
        }
    }

    private Descriptor? Find(ContentLease lease, Digest diffId)
    {
        var known = store.Images.SelectMany(static image => image.Layers).FirstOrDefault(layer => layer.DiffId == diffId && lease.TryHold(layer.Blob.Digest));
        if (known is not null)
            return known.Blob with { MediaType = MediaTypes.ToOci(known.Blob.MediaType) };
        return lease.TryHold(diffId) ? Uncompressed(diffId, store.Content.SizeOf(diffId)!.Value) : null;
    }

    private static Task<Descriptor> WriteAsync(ContentLease lease, Digest diffId, Digest chainId, LayerSourceWriter writeLayer) => BlockingStream.RunAsync(() =>
    {
        using var writer = lease.CreateWriter(diffId);
        using (var buffered = new BufferedStream(writer, BufferSize))
        {
            writeLayer(chainId, buffered);
            buffered.Flush();
            writer.Commit();
        }
        return Uncompressed(diffId, writer.Length);
    });

    private static Descriptor Uncompressed(Digest digest, long size) => new() { MediaType = MediaTypes.OciLayer, Digest = digest, Size = size };

    private static Descriptor Describe(ContentLease lease, ImageDocument<ImageConfig> config, List<Descriptor> layers)
    {
        lease.Add(config.Bytes.Span);
        var manifest = ImageDocument.Create(new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = config.Digest, Size = config.Bytes.Length },
            Layers = layers,
        });
        lease.Add(manifest.Bytes.Span);
        return new Descriptor { MediaType = MediaTypes.OciManifest, Digest = manifest.Digest, Size = manifest.Bytes.Length };
    }
}
