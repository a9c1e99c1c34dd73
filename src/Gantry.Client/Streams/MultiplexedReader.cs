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
    private const int BufferSize = 256 * 1024;

    /// <summary>
    /// Copies the frames to standard output and standard error until the source ends. Frames of one stream that arrived together are written
    /// together: a log of short lines has a frame for each of them.
    /// </summary>
    /// <exception cref="IOException">The daemon reported a failure in the stream, a frame is malformed, or the source ends inside one.</exception>
    public static async ValueTask CopyAsync(Stream source, Stream output, Stream error, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var target = output;
            long left = 0;
            var kept = 0;
            while (true)
            {
                // 1. Whatever there is, behind the beginning of a header that was left.
                var read = await source.ReadAsync(buffer.AsMemory(kept), cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    if (left > 0 || kept > 0)
                        throw new EndOfStreamException(left > 0 ? "the stream ended inside a frame" : "the stream ended inside a frame header");
                    return;
                }

                // 2. The data of its frames, moved together as far as it is for the same stream.
                var (position, end) = (0, kept + read);
                var (first, length) = (0, 0);
                while (position < end)
                {
                    if (left == 0)
                    {
                        if (end - position < HeaderSize)
                            break;
                        var kind = buffer[position];
                        left = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(position + 4));
                        position += HeaderSize;
                        var next = kind == 2 ? error : output;
                        if ((next != target || kind > 2) && length > 0)
                        {
                            await target.WriteAsync(buffer.AsMemory(first, length), cancellation).ConfigureAwait(false);
                            length = 0;
                        }
                        if (kind == 3)
                            throw new IOException(
                                await ReadFailureAsync(source, buffer.AsMemory(position, end - position), left, cancellation).ConfigureAwait(false));
                        if (kind > 3)
                            throw new IOException($"unrecognized stream {kind} in the multiplexed output");
                        target = next;
                    }
                    var count = (int)Math.Min(left, end - position);
                    if (length == 0)
                        first = position;
                    else
                        buffer.AsSpan(position, count).CopyTo(buffer.AsSpan(first + length));
                    length += count;
                    position += count;
                    left -= count;
                }
                if (length > 0)
                    await target.WriteAsync(buffer.AsMemory(first, length), cancellation).ConfigureAwait(false);
                kept = end - position;
                buffer.AsSpan(position, kept).CopyTo(buffer);
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
