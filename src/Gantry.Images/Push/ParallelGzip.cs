using System.IO.Compression;

namespace Gantry.Images.Push;

/// <summary>
/// Compresses with gzip on all processors: pieces become members of their own, which a reader takes for one stream (RFC 1952, section 2.2).
/// The same content gives the same bytes, whatever the number of processors. The fastest level: a root file system becomes a fifth longer than with the
/// usual one, in two fifths of the time.
/// </summary>
internal static class ParallelGzip
{
    private const int PieceSize = 4 << 20;

    /// <summary>Compresses a stream to its end.</summary>
    /// <param name="source">What to compress.</param>
    /// <param name="target">Gets the result, piece by piece.</param>
    /// <param name="read">Is told how many bytes of the source have been compressed so far.</param>
    /// <param name="cancellation">Stops it.</param>
    internal static async Task CompressAsync(Stream source, Stream target, Action<long> read, CancellationToken cancellation)
    {
        var pieces = new Queue<(Task<MemoryStream> Compressed, int Length)>();
        var done = 0L;
        for (var ended = false; !ended || pieces.Count > 0;)
        {
            if (!ended && pieces.Count <= Environment.ProcessorCount)
            {
                var piece = new byte[PieceSize];
                var length = await source.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellation);
                // Nothing at all is a stream as well: it has one empty member.
                if (length > 0 || done == 0 && pieces.Count == 0)
                    pieces.Enqueue((Task.Run(() => Compress(piece.AsSpan(0, length)), cancellation), length));
                ended = length < piece.Length;
                continue;
            }
            var (compressed, size) = pieces.Dequeue();
            using var member = await compressed;
            await target.WriteAsync(member.GetBuffer().AsMemory(0, (int)member.Length), cancellation);
            read(done += size);
        }
    }

    private static MemoryStream Compress(ReadOnlySpan<byte> piece)
    {
        var member = new MemoryStream(PieceSize / 2);
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(piece);
        return member;
    }
}
