namespace Gantry.Build.Cache;

/// <summary>
/// Keeps what builds leave within bounds: when no build runs, and not more often than once in ten minutes, entries are removed by the rules that hold then.
/// </summary>
/// <param name="pruner">Removes entries.</param>
/// <param name="collection">Tells the rules.</param>
/// <param name="clock">The time.</param>
/// <param name="background">Runs work that nobody waits for.</param>
public sealed class CacheKeeper(CachePruner pruner, Func<CacheCollection> collection, TimeProvider clock, Action<string, Action> background)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(10);
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
        }
        Shrink();
    }

    /// <summary>The rules.</summary>
    public IReadOnlyList<CachePolicy> Policies => collection().PoliciesFor(pruner.DiskSize);

    /// <summary>Removes what the rules say, in the background.</summary>
    public void Shrink()
    {
        lock (_gate)
            _last = clock.GetUtcNow();
        background("shrink the build cache", () => Prune([.. Policies.Select(policy => policy.At(clock.GetUtcNow()))]));
    }

    /// <summary>Removes entries; contexts only if no build runs.</summary>
    public (IReadOnlyList<CacheUsage> Removed, long Freed) Prune(params IReadOnlyList<CacheSelection> selections) => pruner.Prune(selections, WhileIdle);

    private long WhileIdle(Func<long> remove)
    {
        // Builds that begin wait at the gate; what one that runs was sent is not known to the memory yet.
        lock (_gate)
            return _running > 0 ? 0 : remove();
    }

    private sealed class Running(CacheKeeper keeper) : IDisposable
    {
        private CacheKeeper? _keeper = keeper;

        public void Dispose() => Interlocked.Exchange(ref _keeper, null)?.End();
    }
}
