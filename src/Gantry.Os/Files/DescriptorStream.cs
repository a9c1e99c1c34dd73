using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>
/// One of the descriptors this process was started with, as a stream of plain read(2) and write(2) calls. Unlike the streams of
/// <see cref="Console"/> it reports a closed pipe (EPIPE) instead of swallowing it, and costs nothing to open. Its asynchronous calls
/// block. Disposing it leaves the descriptor open.
/// </summary>
/// <param name="descriptor">An open descriptor, e.g. 1.</param>
public sealed unsafe partial class DescriptorStream(int descriptor) : Stream
{
    private const short POLLIN = 1;
    private const short POLLOUT = 4;

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

    /// <inheritdoc/>
    /// <exception cref="OsException">The kernel refused; a terminal that hung up (EIO) reads as its end.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            // Safe: the span is pinned over the call and its length is what the kernel is told.
            fixed (byte* start = buffer)
                count = read(descriptor, start, (nuint)buffer.Length);
            if (count >= 0)
                return (int)count;
            var error = Libc.LastError;
            if (error == Errno.EIO)
                return 0;
            Retry($"read descriptor {descriptor}", error, POLLIN);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="OsException">The kernel refused, e.g. EPIPE when nobody reads the pipe any more.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint count;
            // Safe: as in Read.
            fixed (byte* start = buffer)
                count = write(descriptor, start, (nuint)buffer.Length);
            if (count >= 0)
                buffer = buffer[(int)count..];
            else
                Retry($"write to descriptor {descriptor}", Libc.LastError, POLLOUT);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

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

    /// <summary>Waits where a shell left the descriptor non-blocking; throws on every other failure than an interruption.</summary>
    private void Retry(string operation, Errno error, short events)
    {
        if (error == Errno.EINTR)
            return;
        if (error != Errno.EAGAIN)
            throw new OsException(operation, error);
        var waiting = new PollDescriptor { Descriptor = descriptor, Events = events };
        // A failure of poll shows up again in the call that is retried.
        _ = poll(&waiting, 1, -1);
    }

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, nuint count, int timeout);
}
