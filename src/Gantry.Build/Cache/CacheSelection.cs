using Gantry.Oci.Filters;

namespace Gantry.Build.Cache;

/// <summary>Which entries of the cache are removed.</summary>
public sealed record CacheSelection
{
    /// <summary>Among which: the others stay, and do not count.</summary>
    public RecordFilter Filter { get; init; } = RecordFilter.None;

    /// <summary>Only what was not used since; null: whenever it was.</summary>
    public DateTimeOffset? UnusedSince { get; init; }

    /// <summary>Whether also what an image has as well, so that nothing becomes free.</summary>
    public bool All { get; init; }

    /// <summary>How much stays, what was used last.</summary>
    public CacheBounds Bounds { get; init; }

    /// <summary>Whether an entry that <see cref="Filter"/> has may go.</summary>
    public bool MayGo(CacheUsage usage) => !usage.IsInUse && (All || !usage.IsShared) && (UnusedSince is not { } time || usage.LastUsedAt < time);
}

/// <summary>How much of a cache stays, in bytes; 0 says nothing.</summary>
/// <param name="MostUsed">At most so much.</param>
/// <param name="Reserved">So much in any case.</param>
/// <param name="LeastFree">So much of the disk is to be free afterwards.</param>
public readonly record struct CacheBounds(long MostUsed, long Reserved, long LeastFree)
{
    /// <summary>How much of it may stay.</summary>
    /// <param name="used">How much it is now.</param>
    /// <param name="free">How much of the disk is free.</param>
    public long Keep(long used, long free)
    {
        var keep = MostUsed > 0 ? MostUsed : LeastFree > 0 ? long.MaxValue : 0;
        if (LeastFree > free)
            keep = Math.Min(keep, used - (LeastFree - free));
        return Math.Max(Math.Max(keep, Reserved), 0);
    }
}
