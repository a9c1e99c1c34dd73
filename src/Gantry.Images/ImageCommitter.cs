using System.Globalization;
using Gantry.Images.Load;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images;

/// <summary>What a new image is, besides its layers: <c>docker commit</c>.</summary>
public sealed record ImageCommit
{
    /// <summary>The image below.</summary>
    public required Image Parent { get; init; }

    /// <summary>What containers of the new image run.</summary>
    public required ImageRunConfig Config { get; init; }

    /// <summary>Its name; <c>latest</c> is added when it has no tag; null for none.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>Who made it.</summary>
    public string Author { get; init; } = "";

    /// <summary>A message for its history.</summary>
    public string Comment { get; init; } = "";

    /// <summary>The command that made the change, for its history.</summary>
    public string CreatedBy { get; init; } = "";
}

/// <summary>
/// Puts one more layer on an image: <c>docker commit</c>. The layer is kept uncompressed: it is packed, hashed and written in one pass, its digest is its
/// diff ID, and unpacking it inflates nothing. Compressing is left to the push, which does it in parallel and while it sends, and only for what the
/// registry does not have.
/// </summary>
/// <param name="store">Where images are.</param>
/// <param name="unpacker">Unpacks the new layer.</param>
public sealed class ImageCommitter(ImageStore store, ImageUnpacker unpacker)
{
    private const int BufferSize = 1 << 18;
    private readonly ImageWriter _writer = new(store);

    /// <summary>Makes the image.</summary>
    /// <param name="commit">What it is.</param>
    /// <param name="writeLayer">Writes the uncompressed archive of the layer; null: the image has the layers of its parent.</param>
    /// <param name="cancellation">Stops it; nothing is left then.</param>
    /// <exception cref="GantryException">The name has a digest, or a layer of the parent is missing.</exception>
    public async Task<Image> CommitAsync(ImageCommit commit, Func<Stream, CancellationToken, Task>? writeLayer, CancellationToken cancellation = default)
    {
        if (commit.Reference?.Digest is not null)
            throw GantryException.Invalid("cannot import digest reference");
        try
        {
            using var lease = store.Content.Lease();
            // 1. The parent, whose layers stay while they are needed.
            using var parentHold = store.Hold(commit.Parent);
            foreach (var layer in commit.Parent.Layers)
                lease.TryHold(layer.Blob.Digest);
            // 2. The new layer: an archive, then unpacked.
            var layers = commit.Parent.Layers;
            if (writeLayer is not null)
                layers = [.. layers, await PackAsync(commit.Parent, lease, writeLayer, cancellation)];
            using var hold = store.Holds.Hold([.. layers.Select(layer => layer.ChainId)]);
            var image = await unpacker.UnpackAndVerifyAsync(
                commit.Parent with { Layers = layers }, KnownSizes(commit.Parent), new LayerVerifier(store), onLayer: null, cancellation);
            // 3. Configuration and manifest make an image of it.
            return _writer.Write(lease, ConfigOf(commit, image.Layers, writeLayer is null), image.Layers, commit.Reference?.WithDefaultTag());
        }
        catch
        {
            store.Garbage.Collect();
            throw;
        }
    }

    private static async Task<ImageLayer> PackAsync(
        Image parent, ContentLease lease, Func<Stream, CancellationToken, Task> writeLayer, CancellationToken cancellation)
    {
        Digest digest;
        using var writer = lease.CreateWriter();
        await using (var buffered = new BufferedStream(writer, BufferSize))
        {
            await writeLayer(buffered, cancellation);
            await buffered.FlushAsync(cancellation);
            digest = writer.Commit();
        }
        var below = parent.Layers.Count > 0 ? parent.Layers[^1].ChainId : default;
        var blob = new Descriptor { MediaType = MediaTypes.OciLayer, Digest = digest, Size = writer.Length };
        return new ImageLayer(blob, digest, Layers.ChainId.Next(below, digest), writer.Length);
    }

    private static Dictionary<Digest, long> KnownSizes(Image parent) =>
        parent.Layers.DistinctBy(layer => layer.ChainId).ToDictionary(layer => layer.ChainId, layer => layer.Size);

    private static ImageConfig ConfigOf(ImageCommit commit, IReadOnlyList<ImageLayer> layers, bool isEmpty)
    {
        var now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        var parent = commit.Parent.Config;
        var step = new ImageHistory
        {
            Created = now,
            CreatedBy = NoneIfEmpty(commit.CreatedBy),
            Author = NoneIfEmpty(commit.Author),
            Comment = NoneIfEmpty(commit.Comment),
            EmptyLayer = isEmpty,
        };
        return new ImageConfig
        {
            Created = now,
            Author = NoneIfEmpty(commit.Author),
            Architecture = parent.Architecture,
            Variant = parent.Variant,
            Os = parent.Os,
            OsVersion = parent.OsVersion,
            OsFeatures = parent.OsFeatures,
            Config = commit.Config,
            RootFs = new ImageRootFs { DiffIds = [.. layers.Select(layer => layer.DiffId)] },
            History = [.. parent.History ?? [], step],
            Comment = NoneIfEmpty(commit.Comment),
        };
    }

    private static string? NoneIfEmpty(string text) => text.Length > 0 ? text : null;
}
