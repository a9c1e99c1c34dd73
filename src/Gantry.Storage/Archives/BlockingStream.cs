namespace Gantry.Storage.Archives;

/// <summary>
/// Gives code that reads or writes synchronously (the tar reader and writer) a stream that can only be used asynchronously, such as the body of
/// an HTTP request. It blocks its thread, and is therefore only used on threads of their own (<see cref="RunAsync"/>).
/// </summary>
/// <param name="inner">The stream; not owned.</param>
/// <param name="cancellation">Ends a read or write that waits.</param>
public sealed class BlockingStream(Stream inner, CancellationToken cancellation) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => inner.CanWrite;

    /// <summary>Not supported.</summary>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Runs blocking work on a thread of its own.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Wait(inner.ReadAsync(buffer.AsMemory(offset, count), cancellation));

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        var write = inner.WriteAsync(buffer.AsMemory(offset, count), cancellation);
        if (!write.IsCompletedSuccessfully)
            write.AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Flush() => inner.FlushAsync(cancellation).GetAwaiter().GetResult();

    /// <summary>Not supported.</summary>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override void SetLength(long value) => throw new NotSupportedException();

    private static int Wait(ValueTask<int> read) => read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
}
