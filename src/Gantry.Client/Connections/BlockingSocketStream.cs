using System.Net.Sockets;

namespace Gantry.Client.Connections;

/// <summary>
/// A socket as a stream whose asynchronous calls block and so complete at once. A command that lives for some milliseconds does
/// one thing at a time: the event loop and the thread pool behind truly asynchronous sockets would cost it more than its request.
/// A program that talks to daemons beside other work uses the ordinary <see cref="NetworkStream"/> instead.
/// </summary>
/// <remarks>A blocked call is ended by closing the socket from another thread, not by its cancellation token.</remarks>
internal sealed class BlockingSocketStream(Socket socket) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            while (buffer.Length > 0)
                buffer = buffer[socket.Send(buffer)..];
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            socket.Dispose();
        base.Dispose(disposing);
    }
}
