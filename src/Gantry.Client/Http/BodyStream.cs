using System.Globalization;

namespace Gantry.Client.Http;

/// <summary>The body of a response, read as it arrives.</summary>
public abstract class BodyStream : Stream
{
    /// <summary>Whether the body was read to its end, so that the connection stands before the next response.</summary>
    public bool Completed { get; protected set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>The failure when a connection ends inside a body.</summary>
    protected static EndOfStreamException Torn() => new("the daemon closed the connection in the middle of its answer");
}

/// <summary>A body whose size was told by <c>Content-Length</c>.</summary>
internal sealed class LengthBodyStream : BodyStream
{
    private readonly HttpConnection _connection;
    private long _left;

    public LengthBodyStream(HttpConnection connection, long length)
    {
        _connection = connection;
        _left = length;
        Completed = length == 0;
    }

    /// <summary>Bytes not yet read.</summary>
    public long Left => _left;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.Length == 0)
            return 0;
        var want = (int)Math.Min(_left, buffer.Length);
        var read = await _connection.ReadAsync(buffer[..want], cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw Torn();
        _left -= read;
        Completed = _left == 0;
        return read;
    }
}

/// <summary>A body in chunks (RFC 9112 section 7.1); chunk extensions and trailers are skipped.</summary>
internal sealed class ChunkedBodyStream(HttpConnection connection) : BodyStream
{
    // The end of the data, and the size of the next.
    private const int LinesBetweenChunks = 2;

    private long _left;
    private bool _started;

    /// <summary>Reads what has arrived, of as many chunks as that is: they may be far smaller than the buffer.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var total = 0;
        while (total < buffer.Length && !Completed)
        {
            if (_left == 0)
            {
                // Waiting for the next chunk would withhold what there is.
                if (total > 0 && !connection.HasLines(LinesBetweenChunks))
                    break;
                await NextChunkAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }
            if (total > 0 && !connection.HasBytes)
                break;
            var want = (int)Math.Min(_left, buffer.Length - total);
            var read = await connection.ReadAsync(buffer.Slice(total, want), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw Torn();
            _left -= read;
            total += read;
        }
        return total;
    }

    private async ValueTask NextChunkAsync(CancellationToken cancellation)
    {
        if (_started && await connection.ReadLineAsync(cancellation).ConfigureAwait(false) is { Length: > 0 } rest)
            throw new IOException($"malformed chunk: \"{rest}\" after its data");
        _started = true;
        var line = await connection.ReadLineAsync(cancellation).ConfigureAwait(false);
        var extension = line.IndexOf(';', StringComparison.Ordinal);
        var size = (extension < 0 ? line : line[..extension]).Trim();
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0)
            throw new IOException($"malformed chunk size \"{line}\"");
        if (_left > 0)
            return;
        while ((await connection.ReadLineAsync(cancellation).ConfigureAwait(false)).Length > 0)
        {
        }
        Completed = true;
    }
}

/// <summary>A body that ends with the connection.</summary>
internal sealed class UntilCloseBodyStream(HttpConnection connection) : BodyStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.ReadAsync(buffer, cancellationToken);
}
