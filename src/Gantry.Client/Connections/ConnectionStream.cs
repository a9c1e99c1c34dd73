namespace Gantry.Client.Connections;

/// <summary>
/// A connected socket as a stream whose directions end by themselves. Unless a socket overrides them, the asynchronous calls block and so
/// complete at once: a command that lives for some milliseconds does one thing at a time, and the event loop and the thread pool behind
/// truly asynchronous sockets would cost it more than its request.
/// </summary>
/// <remarks>A blocked call is ended by <see cref="Abort"/> from another thread, not by its cancellation token.</remarks>
public abstract class ConnectionStream : Stream
{
    /// <inheritdoc/>
    public sealed override bool CanRead => true;

    /// <inheritdoc/>
    public sealed override bool CanWrite => true;

    /// <inheritdoc/>
    public sealed override bool CanSeek => false;

    /// <inheritdoc/>
    public sealed override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Whether it is a unix socket. The other side may be on another machine all the same: sockets are forwarded.</summary>
    public virtual bool IsUnixSocket => false;

    /// <summary>Tells the other side that no more bytes follow, and keeps reading possible.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public abstract void CloseWrite();

    /// <summary>Ends both directions, if they have not ended: a read that another thread is blocked in returns the end of the stream.</summary>
    public abstract void Abort();

    /// <inheritdoc/>
    public abstract override int Read(Span<byte> buffer);

    /// <inheritdoc/>
    public abstract override void Write(ReadOnlySpan<byte> buffer);

    /// <inheritdoc/>
    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public sealed override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    /// <inheritdoc/>
    public sealed override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public sealed override void Flush()
    {
    }

    /// <inheritdoc/>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override void SetLength(long value) => throw new NotSupportedException();
}
