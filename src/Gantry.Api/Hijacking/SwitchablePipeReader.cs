using System.IO.Pipelines;

namespace Gantry.Api.Hijacking;

/// <summary>A reader that stands before another one until <see cref="Detach"/>; from then on it is at its end.</summary>
internal sealed class SwitchablePipeReader(PipeReader inner) : PipeReader
{
    private PipeReader _current = inner;

    /// <summary>Hands the real reader to a new owner. What was read but not consumed stays in it.</summary>
    public PipeReader Detach() => Interlocked.Exchange(ref _current, Create(System.Buffers.ReadOnlySequence<byte>.Empty));

    public override void AdvanceTo(SequencePosition consumed) => _current.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _current.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _current.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _current.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _current.CompleteAsync(exception);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => _current.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => _current.TryRead(out result);
}
