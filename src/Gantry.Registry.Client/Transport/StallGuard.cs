namespace Gantry.Registry.Client.Transport;

/// <summary>A body that has to bring something every now and then: otherwise reading ends with an <see cref="IOException"/>.</summary>
internal sealed class StallGuard(Stream inner, TimeSpan timeout) : ReadOnlyBody
{
    private CancellationTokenSource _alarm = new();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_alarm.TryReset())
            _alarm = new CancellationTokenSource();
        // Linking costs an allocation: the alarm's token alone is handed down, and the caller's cancellation sets it off.
        await using var forwarded = cancellationToken.UnsafeRegister(static alarm => ((CancellationTokenSource)alarm!).Cancel(), _alarm);
        _alarm.CancelAfter(timeout);
        try
        {
            return await inner.ReadAsync(buffer, _alarm.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the body brought nothing for {timeout.TotalSeconds:0.#} seconds");
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            _alarm.CancelAfter(Timeout.Infinite);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _alarm.Dispose();
        }
        base.Dispose(disposing);
    }
}
