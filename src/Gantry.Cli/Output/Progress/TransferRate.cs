namespace Gantry.Cli.Output.Progress;

/// <summary>How fast something has come in the last seconds.</summary>
/// <param name="clock">The time.</param>
internal sealed class TransferRate(TimeProvider clock)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(5);

    // Below it the first few bytes would tell nothing.
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(500);

    private readonly Queue<(long Time, long Bytes)> _samples = new();

    /// <summary>Takes how much there is by now.</summary>
    /// <param name="bytes">All bytes so far.</param>
    /// <returns>Bytes in a second, or null while that cannot be told.</returns>
    public double? Next(long bytes)
    {
        var now = clock.GetTimestamp();
        while (_samples.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.Time, now) > s_window)
            _samples.Dequeue();
        _samples.Enqueue((now, bytes));
        var first = _samples.Peek();
        var span = clock.GetElapsedTime(first.Time, now);
        return span < s_least || bytes <= first.Bytes ? null : (bytes - first.Bytes) / span.TotalSeconds;
    }
}
