namespace Gantry.Build.Cache;

/// <summary>
/// Keeps what builds leave within bounds: when no build runs, and not more often than once in ten minutes, what was used longest ago is removed until the
/// cache has its size; before that, what nobody has used for two days of cache mounts and contexts until they have theirs, and contexts of a month ago.
/// </summary>
/// <param name="pruner">Removes entries.</param>
/// <param name="clock">The time.</param>
/// <param name="background">Runs work that nobody waits for.</param>
public sealed class CacheKeeper(CachePruner pruner, TimeProvider clock, Action<string, Action> background)
{
    private const long MostBytes = 20L << 30;
    private const long MostOldBytes = 4L << 30;
    private static readonly TimeSpan s_mountsStay = TimeSpan.FromDays(2);
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

    /// <summary>Removes entries; contexts only if no build runs.</summary>
    public (IReadOnlyList<CacheUsage> Removed, long Freed) Prune(CacheSelection selection) => pruner.Prune(selection, WhileIdle);

    private long WhileIdle(Func<long> remove)
    {
        // Builds that begin wait at the gate; what one that runs was sent is not known to the memory yet.
        lock (_gate)
            return _running > 0 ? 0 : remove();
    }

    private void Shrink()
    {
        var now = clock.GetUtcNow();
        Prune(new CacheSelection { Filter = CacheFilter.Of(CacheKind.Context), UnusedSince = now - s_contextsStay });
        Prune(new CacheSelection { Filter = CacheFilter.Of(CacheKind.Context, CacheKind.Mount), UnusedSince = now - s_mountsStay, Bounds = new CacheBounds(MostOldBytes, 0, 0) });
        Prune(new CacheSelection { All = true, Bounds = new CacheBounds(MostBytes, 0, 0) });
    }

    private sealed class Running(CacheKeeper keeper) : IDisposable
    {
        private CacheKeeper? _keeper = keeper;

        public void Dispose() => Interlocked.Exchange(ref _keeper, null)?.End();
    }
}
