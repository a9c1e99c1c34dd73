using System.IO.Pipelines;

namespace Gantry.Api.Hijacking;

/// <summary>A writer that stands before another one until <see cref="Detach"/>; from then on it swallows what is written.</summary>
internal sealed class SwitchablePipeWriter(PipeWriter inner) : PipeWriter
{
    private PipeWriter _current = inner;

    /// <summary>Hands the real writer to a new owner.</summary>
    public PipeWriter Detach() => Interlocked.Exchange(ref _current, Create(Stream.Null));

    public override bool CanGetUnflushedBytes => _current.CanGetUnflushedBytes;

    public override long UnflushedBytes => _current.UnflushedBytes;

    public override void Advance(int bytes) => _current.Advance(bytes);

    public override void CancelPendingFlush() => _current.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _current.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _current.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _current.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        _current.WriteAsync(source, cancellationToken);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _current.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _current.GetSpan(sizeHint);
}
