namespace Gantry.Registry.Client.Transport;

/// <summary>A server was spoken to in TLS and answered in plain HTTP.</summary>
internal sealed class PlainTextAnswerException() : IOException("http: server gave HTTP response to HTTPS client");

/// <summary>
/// The raw connection below TLS: tells a server that answers in plain HTTP, which TLS itself would only call a corrupted frame.
/// </summary>
internal sealed class PlainTextProbe(Stream inner) : Stream
{
    private bool _seen;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        Look(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Look(buffer.AsSpan(offset, read));
        return read;
    }

    /// <summary>TLS asks for the five bytes of a frame's header first; no frame begins with an H.</summary>
    private void Look(ReadOnlySpan<byte> first)
    {
        if (_seen || first.IsEmpty)
            return;
        _seen = true;
        if (first.StartsWith("HTTP"u8))
            throw new PlainTextAnswerException();
    }

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
