using System.Buffers;
using System.Buffers.Binary;

namespace Gantry.Client.Streams;

/// <summary>
/// Takes apart the stream of a container without a terminal: frames of an 8-byte header (stream number, three zero bytes, size as a
/// big-endian 32-bit number) and data, as the Engine API describes under <c>ContainerAttach</c>.
/// </summary>
public static class MultiplexedReader
{
    private const int HeaderSize = 8;

    /// <summary>Copies the frames to standard output and standard error until the source ends.</summary>
    /// <exception cref="IOException">The daemon reported a failure in the stream, a frame is malformed, or the source ends inside one.</exception>
    public static async ValueTask CopyAsync(Stream source, Stream output, Stream error, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var start = 0;
            var end = 0;
            while (true)
            {
                // 1. A whole header, and whatever came with it.
                while (end - start < HeaderSize)
                {
                    buffer.AsSpan(start, end - start).CopyTo(buffer);
                    (start, end) = (0, end - start);
                    var read = await source.ReadAsync(buffer.AsMemory(end), cancellation).ConfigureAwait(false);
                    if (read == 0)
                    {
                        if (end > 0)
                            throw new EndOfStreamException("the stream ended inside a frame header");
                        return;
                    }
                    end += read;
                }
                var kind = buffer[start];
                long left = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(start + 4));
                start += HeaderSize;
                if (kind == 3)
                    throw new IOException(await ReadFailureAsync(source, buffer.AsMemory(start, end - start), left, cancellation).ConfigureAwait(false));
                var target = kind switch
                {
                    0 or 1 => output,
                    2 => error,
                    _ => throw new IOException($"unrecognized stream {kind} in the multiplexed output"),
                };

                // 2. Its data: first what is in the buffer, then the rest.
                while (left > 0)
                {
                    if (start == end)
                    {
                        start = 0;
                        end = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false);
                        if (end == 0)
                            throw new EndOfStreamException("the stream ended inside a frame");
                    }
                    var count = (int)Math.Min(left, end - start);
                    await target.WriteAsync(buffer.AsMemory(start, count), cancellation).ConfigureAwait(false);
                    start += count;
                    left -= count;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<string> ReadFailureAsync(Stream source, ReadOnlyMemory<byte> first, long size, CancellationToken cancellation)
    {
        const int limit = 64 * 1024;
        var text = new byte[(int)Math.Min(size, limit)];
        var taken = Math.Min(first.Length, text.Length);
        first.Span[..taken].CopyTo(text);
        var read = await source.ReadAtLeastAsync(text.AsMemory(taken), text.Length - taken, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return "error from daemon in stream: " + System.Text.Encoding.UTF8.GetString(text, 0, taken + read);
    }
}
