namespace Gantry.Images;

/// <summary>
/// Gives code that reads or writes synchronously (the tar reader and writer) a stream that can only be used asynchronously, such as the body of
/// an HTTP request. It blocks its thread, and is therefore only used on threads of their own.
/// </summary>
internal sealed class BlockingStream(Stream inner, CancellationToken cancellation) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Runs blocking work on a thread of its own.</summary>
    internal static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public override int Read(byte[] buffer, int offset, int count) => Wait(inner.ReadAsync(buffer.AsMemory(offset, count), cancellation));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count)
    {
        var write = inner.WriteAsync(buffer.AsMemory(offset, count), cancellation);
        if (!write.IsCompletedSuccessfully)
            write.AsTask().GetAwaiter().GetResult();
    }

    public override void Flush() => inner.FlushAsync(cancellation).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static int Wait(ValueTask<int> read) => read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
}
