using System.IO.Compression;
using Gantry.Oci;
using Gantry.Os.Compression;

namespace Gantry.Images.Push;

/// <summary>
/// Compresses on all processors: pieces become gzip members or zstd frames of their own, which a reader takes for one stream (RFC 1952,
/// section 2.2; RFC 8878, section 3). The same content gives the same bytes, whatever the number of processors.
/// </summary>
internal static class ParallelCompression
{
    private const int PieceSize = 4 << 20;
    private const int ZstdLevel = 3;

    /// <summary>What BuildKit's level 0 means; libzstd takes that for its usual one.</summary>
    private const int FastestZstdLevel = 1;

    /// <summary>The level by which Go's gzip means Huffman codes alone.</summary>
    private const int HuffmanOnly = -2;

    /// <summary>Header (deflate, unix), an empty final block, checksum and length 0 (RFC 1952).</summary>
    private static readonly byte[] EmptyMember = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Compresses a stream to its end.</summary>
    /// <param name="source">What to compress.</param>
    /// <param name="target">Gets the result, piece by piece.</param>
    /// <param name="kind">How.</param>
    /// <param name="level">How much; null: what is usual here.</param>
    /// <param name="read">Is told how many bytes of the source have been compressed so far.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">libzstd is not installed (Unavailable).</exception>
    internal static async Task CompressAsync(
        Stream source, Stream target, LayerCompression kind, int? level, Action<long> read, CancellationToken cancellation)
    {
        var pieces = new Queue<(Task<ReadOnlyMemory<byte>> Compressed, int Length)>();
        var done = 0L;
        for (var ended = false; !ended || pieces.Count > 0;)
        {
            if (!ended && pieces.Count <= Environment.ProcessorCount)
            {
                var piece = new byte[PieceSize];
                var length = await source.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellation);
                // Nothing at all is a stream as well: it has one empty piece.
                if (length > 0 || done == 0 && pieces.Count == 0)
                    pieces.Enqueue((Task.Run(() => Compress(piece.AsSpan(0, length), kind, level), cancellation), length));
                ended = length < piece.Length;
                continue;
            }
            var (compressed, size) = pieces.Dequeue();
            await target.WriteAsync(await compressed, cancellation);
            read(done += size);
        }
    }

    private static ReadOnlyMemory<byte> Compress(ReadOnlySpan<byte> piece, LayerCompression kind, int? level) => kind switch
    {
        LayerCompression.Gzip => Gzip(piece, level),
        LayerCompression.Zstd => Zstd(piece, level),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static ReadOnlyMemory<byte> Gzip(ReadOnlySpan<byte> piece, int? level)
    {
        // .NET writes nothing at all for nothing, which is no gzip stream.
        if (piece.IsEmpty)
            return EmptyMember;
        var member = new MemoryStream(PieceSize / 2);
        using (var gzip = OpenGzip(member, level))
            gzip.Write(piece);
        return member.GetBuffer().AsMemory(0, (int)member.Length);
    }

    private static GZipStream OpenGzip(Stream member, int? level) => level switch
    {
        // The fastest level: a root file system becomes a fifth longer than with the usual one, in two fifths of the time.
        null => new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true),
        HuffmanOnly => new GZipStream(member, new ZLibCompressionOptions { CompressionStrategy = ZLibCompressionStrategy.HuffmanOnly }, leaveOpen: true),
        { } own => new GZipStream(member, new ZLibCompressionOptions { CompressionLevel = own }, leaveOpen: true),
    };

    private static ReadOnlyMemory<byte> Zstd(ReadOnlySpan<byte> piece, int? level)
    {
        try
        {
            var frame = new byte[ZstdEncoder.BoundOf(piece.Length)];
            return frame.AsMemory(0, ZstdEncoder.Compress(piece, frame, level is { } own ? Math.Max(own, FastestZstdLevel) : ZstdLevel));
        }
        catch (DllNotFoundException error)
        {
            throw new GantryException(ErrorKind.Unavailable, "compress with zstd: libzstd.so.1 is not installed", error);
        }
    }
}
