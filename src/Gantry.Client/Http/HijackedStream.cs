namespace Gantry.Client.Http;

/// <summary>
/// A connection that stopped speaking HTTP after an upgrade: a raw stream in both directions, each of which ends by itself.
/// One thread may read while another writes.
/// </summary>
public sealed class HijackedStream : Stream
{
    private readonly HttpConnection _connection;

    internal HijackedStream(HttpConnection connection) => _connection = connection;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc cref="Connections.ConnectionStream.IsUnixSocket"/>
    public bool IsUnixSocket => _connection.IsUnixSocket;

    /// <summary>Tells the daemon that no more input follows; output can still be read.</summary>
    public ValueTask CloseWriteAsync() => _connection.CloseWriteAsync();

    /// <summary>Ends both directions, also under a read that another thread is blocked in: it returns the end of the stream.</summary>
    public void Abort() => _connection.Abort();

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _connection.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _connection.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _connection.Dispose();
        base.Dispose(disposing);
    }
}
