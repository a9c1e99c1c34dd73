namespace Gantry.Runtime.NetHelper;

/// <summary>Where the net helper is.</summary>
public sealed record NetHelperOptions
{
    /// <summary>The program <c>gantry-runtime</c>.</summary>
    public required string RuntimeBinary { get; init; }

    /// <summary>The engine's run folder: the helper's socket, lock and <c>nethelper.log</c> lie in it.</summary>
    public required string RunFolder { get; init; }

    /// <summary>How long the helper stays with nothing to serve or hold, and no daemon connected.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a net helper has in hand, and what it did.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="Containers">Containers whose names it serves.</param>
/// <param name="Entries">What was published and not withdrawn.</param>
/// <param name="Held">Keys of sockets that it holds or forwards.</param>
/// <param name="Queries">Questions since it started.</param>
/// <param name="Forwarded">Questions of those that were asked of others.</param>
/// <param name="CacheHits">Questions of those that the cache answered.</param>
/// <param name="Failed">Questions to others that nobody answered.</param>
public sealed record NetHelperStatus(int ProcessId, int Containers, int Entries, int Held, long Queries, long Forwarded, long CacheHits, long Failed);
