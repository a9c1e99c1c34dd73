using Gantry.Build.Contexts;

namespace Gantry.Build.Cache;

/// <summary>
/// Keeps what builds leave within bounds: when no build runs, and not more often than once in ten minutes, what was used longest ago is removed until the
/// cache has its size, and contents of folders that nobody has built from for a month.
/// </summary>
/// <param name="pruner">Removes records.</param>
/// <param name="contexts">Knows which contents are of use.</param>
/// <param name="files">The contents.</param>
/// <param name="clock">The time.</param>
/// <param name="background">Runs work that nobody waits for.</param>
public sealed class CacheKeeper(CachePruner pruner, ContextMemory contexts, FileStore files, TimeProvider clock, Action<string, Action> background)
{
    private const long MostBytes = 20L << 30;
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_contextsStay = TimeSpan.FromDays(30);
    private readonly Lock _gate = new();
    private DateTimeOffset _last = clock.GetUtcNow();
    private int _running;

    /// <summary>A build begins; it ends when the result is disposed.</summary>
    public IDisposable Begin()
    {
        lock (_gate)
            _running++;
        return new Running(this);
    }

    private void End()
    {
        lock (_gate)
        {
            if (--_running > 0 || clock.GetUtcNow() - _last < s_pause)
                return;
            _last = clock.GetUtcNow();
        }
        background("shrink the build cache", Shrink);
    }

    private void Shrink()
    {
        pruner.ShrinkTo(MostBytes, _ => true);
        lock (_gate)
        {
            // Builds that begin wait at the gate; what one that runs was sent is not known to the memory yet.
            if (_running > 0)
                return;
            contexts.Forget(clock.GetUtcNow() - s_contextsStay);
            files.RemoveAllBut(contexts.AllContents());
        }
    }

    private sealed class Running(CacheKeeper keeper) : IDisposable
    {
        private CacheKeeper? _keeper = keeper;

        public void Dispose() => Interlocked.Exchange(ref _keeper, null)?.End();
    }
}
