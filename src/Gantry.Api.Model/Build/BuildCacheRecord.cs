namespace Gantry.Api.Model;

/// <summary>An entry of the cache of builds.</summary>
public sealed record BuildCacheRecord
{
    /// <summary>Its key.</summary>
    public string ID { get; set; } = "";

    /// <summary>What it is: <c>regular</c>, the files of a step; <c>exec.cachemount</c>; <c>source.local</c>, what was sent of a context.</summary>
    public string Type { get; set; } = "";

    /// <summary>What the step was called.</summary>
    public string Description { get; set; } = "";

    /// <summary>Whether a build uses it now.</summary>
    public bool InUse { get; set; }

    /// <summary>Whether an image has its files as well.</summary>
    public bool Shared { get; set; }

    /// <summary>The bytes of its files.</summary>
    public long Size { get; set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was last used.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>How often it was used.</summary>
    public int UsageCount { get; set; }
}

/// <summary>How much of the cache a request to remove it leaves, in bytes; 0 says nothing.</summary>
/// <param name="MostUsed">At most so much.</param>
/// <param name="Reserved">So much in any case.</param>
/// <param name="LeastFree">So much of the disk is to be free afterwards.</param>
public readonly record struct BuildPruneBounds(long MostUsed, long Reserved, long LeastFree);

/// <summary>A build that there was; Gantry's own API.</summary>
public sealed record BuildHistoryRecord
{
    /// <summary>Its name.</summary>
    public string Ref { get; set; } = "";

    /// <summary>What it was asked for.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was done; null: it goes on, or the daemon ended before it.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>Why it failed; empty: it did not.</summary>
    public string Error { get; set; } = "";

    /// <summary>What was told of its outputs.</summary>
    public IReadOnlyDictionary<string, string>? Response { get; set; }

    /// <summary>How many steps there were.</summary>
    public int TotalSteps { get; set; }

    /// <summary>How many were done.</summary>
    public int CompletedSteps { get; set; }

    /// <summary>How many results were known.</summary>
    public int CachedSteps { get; set; }

    /// <summary>How much was doubtful.</summary>
    public int Warnings { get; set; }
}
