using Gantry.Oci.Values;

namespace Gantry.Build.Cache.Exchange;

/// <summary>Which caches of others a build uses, and which it writes.</summary>
public sealed record CacheUse
{
    /// <summary>None.</summary>
    public static CacheUse None { get; } = new();

    /// <summary>Caches of others that are looked into after the builder's own.</summary>
    public IReadOnlyList<CacheImport> Imports { get; init; } = [];

    /// <summary>Caches that are written when the build is done.</summary>
    public IReadOnlyList<CacheExport> Exports { get; init; } = [];

    /// <summary>Whether the image's own configuration has the records of its steps: <c>type=inline</c>, <c>BUILDKIT_INLINE_CACHE</c>.</summary>
    public bool Inlines { get; init; }

    /// <summary>Whether arguments of a build ask for records in the image.</summary>
    public static bool InlinesBy(IReadOnlyDictionary<string, string> arguments) =>
        GoBoolean.Parse(arguments.GetValueOrDefault("BUILDKIT_INLINE_CACHE")) is true;
}
