using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using Gantry.Os.Sockets;

namespace Gantry.Api.Hijacking;

/// <summary>
/// The output of a taken connection, whose first bytes wait until the client has read the answer's head. Clients in Python read a head through a
/// buffer and then go on with the bare socket (docker-py's exec_run): what came together with the head is lost to them. Docker takes so long to
/// start a process that they do not notice.
/// </summary>
/// <param name="inner">The real writer, to which the head was written.</param>
/// <param name="socket">The connection's socket; null when it is none of the unix family: there it cannot be told.</param>
internal sealed class PatientPipeWriter(PipeWriter inner, Socket? socket) : PipeWriter
{
    // Kestrel's own thread sends: for so long an empty queue may mean that nothing was sent yet.
    private static readonly TimeSpan s_untilSent = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    private readonly long _began = Stopwatch.GetTimestamp();
    private bool _headIsRead = socket is null;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        _headIsRead ? inner.FlushAsync(cancellationToken) : WaitAndFlushAsync(cancellationToken);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    private async ValueTask<FlushResult> WaitAndFlushAsync(CancellationToken cancellation)
    {
        var wasSent = false;
        for (var waited = Stopwatch.GetElapsedTime(_began); waited < s_patience; waited = Stopwatch.GetElapsedTime(_began))
        {
            var isUnread = SocketQueue.Unread(socket!.Handle) > 0;
            wasSent |= isUnread;
            if (!isUnread && (wasSent || waited >= s_untilSent)) break;
            await Task.Delay(1, cancellation);
        }
        _headIsRead = true;
        return await inner.FlushAsync(cancellation);
    }
}
