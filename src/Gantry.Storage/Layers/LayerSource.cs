using Gantry.Oci.Images;
using Gantry.Storage.Compression;

namespace Gantry.Storage.Layers;

/// <summary>The uncompressed archive of a layer, inflated and hashed ahead of its reader.</summary>
internal sealed class LayerSource : IAsyncDisposable
{
    private readonly HashingStream _hashing;

    private LayerSource(HashingStream hashing)
    {
        _hashing = hashing;
        Archive = new ReadAheadStream(hashing);
    }

    internal Stream Archive { get; }

    internal static async Task<LayerSource> OpenAsync(Stream layer, CancellationToken cancellation)
    {
        var (content, kind) = await Decompression.OpenAsync(layer, cancellation);
        // Inflating and hashing cost about the same: each in a task of its own. Plain content needs no second buffer.
        return new LayerSource(new HashingStream(kind == CompressionKind.None ? content : new ReadAheadStream(content)));
    }

    /// <summary>Digest and length of the archive; to be asked for once, after it was read to its end.</summary>
    internal (Digest DiffId, long Size) Finish() => (_hashing.Finish(), _hashing.Count);

    public ValueTask DisposeAsync() => Archive.DisposeAsync();
}
