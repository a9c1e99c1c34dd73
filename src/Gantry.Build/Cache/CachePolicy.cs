using Gantry.Oci.Filters;

namespace Gantry.Build.Cache;

/// <summary>A rule by which the cache is kept within bounds: what it chooses goes, what was used longest ago first, until its bounds hold.</summary>
public sealed record CachePolicy
{
    /// <summary>Among which entries: the others stay, and do not count.</summary>
    public RecordFilter Filter { get; init; } = RecordFilter.None;

    /// <summary>How long nobody has used what goes.</summary>
    public TimeSpan KeepDuration { get; init; }

    /// <summary>Whether also what an image has as well goes.</summary>
    public bool All { get; init; }

    /// <summary>How much stays.</summary>
    public CacheBounds Bounds { get; init; }

    /// <summary>What goes now.</summary>
    public CacheSelection At(DateTimeOffset now) =>
        new() { Filter = Filter, UnusedSince = KeepDuration > TimeSpan.Zero ? now - KeepDuration : null, All = All, Bounds = Bounds };
}

/// <summary>How much of what builds leave stays: docker's <c>builder.gc</c>.</summary>
public sealed record CacheCollection
{
    private const long Giga = 1_000_000_000;
    private const long LeastTemporary = 512_000_000;

    /// <summary>Whether the daemon removes anything by itself.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Bounds of the usual rules; what is 0 follows the size of the disk.</summary>
    public CacheBounds Bounds { get; init; }

    /// <summary>Rules instead of the usual ones; null: these.</summary>
    public IReadOnlyList<CachePolicy>? Policies { get; init; }

    /// <summary>The rules for a disk of a size.</summary>
    public IReadOnlyList<CachePolicy> PoliciesFor(long diskSize) => !IsEnabled ? [] : Policies ?? Usual(diskSize);

    /// <summary>Docker's: what can be had again without a build goes first, then what is old, then anything.</summary>
    private IReadOnlyList<CachePolicy> Usual(long diskSize)
    {
        var reserved = Bounds.Reserved > 0 ? Bounds.Reserved : Part(diskSize, 10);
        var bounds = new CacheBounds(Bounds.MostUsed > 0 ? Bounds.MostUsed : Part(diskSize, 80), reserved, Bounds.LeastFree > 0 ? Bounds.LeastFree
            : Part(diskSize, 20));
        var temporary = Math.Max(LeastTemporary, (long)Math.Round(reserved / 100.0 * (Math.E * Math.PI * (1 + Math.Sqrt(5)) / 2)));
        return
        [
            new CachePolicy
            {
                Filter = RecordFilter.Parse(["type==source.local", "type==exec.cachemount", "type==source.git.checkout"]),
                KeepDuration = TimeSpan.FromHours(48),
                Bounds = new CacheBounds(temporary, 0, 0),
            },
            new CachePolicy { KeepDuration = TimeSpan.FromDays(60), Bounds = bounds },
            new CachePolicy { Bounds = bounds },
            new CachePolicy { All = true, Bounds = bounds },
        ];
    }

    /// <summary>Docker counts the disk by 1024 and the part by 1000.</summary>
    private static long Part(long diskSize, int percent) => ((long)((double)diskSize * percent / 100) / (1L << 30) + 1) * Giga;
}
