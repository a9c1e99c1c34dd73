using Gantry.Api.Model;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands.Daemon;

/// <summary>What listings tell of results in the cache of builds.</summary>
internal static class BuildCacheColumns
{
    /// <summary>What templates can show.</summary>
    public static IReadOnlyList<Column<BuildCacheRecord>> All =>
    [
        new("ID", "CACHE ID", static record => record.ID[..Math.Min(12, record.ID.Length)]),
        new("CacheType", "CACHE TYPE", static record => record.Type),
        new("Description", "DESCRIPTION", static record => record.Description),
        new("Size", "SIZE", static record => HumanText.Size(record.Size)),
        new("CreatedSince", "CREATED", static record => HumanText.Ago(record.CreatedAt)),
        new("LastUsedSince", "LAST USED", static record => record.LastUsedAt is { } time ? HumanText.Ago(time) : ""),
        new("UsageCount", "USAGE", static record => (long)record.UsageCount),
        new("InUse", "IN USE", static record => record.InUse),
        new("Shared", "SHARED", static record => record.Shared),
    ];
}
