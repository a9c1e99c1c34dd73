using Gantry.Os.Memory;

namespace Gantry;

/// <summary>
/// Gives back the memory of work that is over. The collector runs when memory is asked for, so a daemon with nothing to do would keep the
/// garbage and the empty heaps of its busiest time for as long as it has nothing to do.
/// </summary>
internal sealed class IdleMemory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that an interval may allocate and still count as quiet: a client that asks for the containers now and then.</summary>
    private const long Quiet = 256 * 1024;

    /// <summary>Bytes that are worth a collection, which takes some milliseconds.</summary>
    private const long Worthwhile = 1024 * 1024;

    private readonly Timer _timer;
    private long _last, _trimmed;

    /// <summary>Begins to look.</summary>
    public IdleMemory() => _timer = new Timer(_ => Look(), null, Interval, Interval);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var isQuiet = allocated - _last < Quiet;
        _last = allocated;
        if (!isQuiet || allocated - _trimmed < Worthwhile)
            return;
        _trimmed = allocated;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
        ProgramPages.LetGo();
    }
}
