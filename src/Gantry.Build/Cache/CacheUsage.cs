using Gantry.Oci.Filters;

namespace Gantry.Build.Cache;

/// <summary>What an entry of the cache is.</summary>
public enum CacheKind
{
    /// <summary>The result of a step.</summary>
    Step,

    /// <summary>The folder of <c>RUN --mount=type=cache</c>.</summary>
    Mount,

    /// <summary>What was sent of a folder of a client.</summary>
    Context,
}

/// <summary>What an entry of the cache occupies. A result has a record by definition and one by content, and counts once.</summary>
public sealed record CacheUsage
{
    /// <summary>What it is called: of a result, the key of one of its records.</summary>
    public required string Id { get; init; }

    /// <summary>What it is.</summary>
    public required CacheKind Kind { get; init; }

    /// <summary>What people know it by: what the step was called.</summary>
    public required string Description { get; init; }

    /// <summary>The bytes of its files; of a result, those of its own layer.</summary>
    public required long Size { get; init; }

    /// <summary>Whether an image has the layer as well: then nothing becomes free with it.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether a step that runs now uses it.</summary>
    public bool IsInUse { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>How often it was used.</summary>
    public required int Uses { get; init; }

    /// <summary>Whether builds change it.</summary>
    public bool IsMutable => Kind != CacheKind.Step;

    /// <summary>Whether a filter has it.</summary>
    public bool Matches(RecordFilter filter) => filter.Matches(ValueOf);

    private string ValueOf(string field) => field switch
    {
        "id" => Id,
        "type" => KindName,
        "description" => Description,
        "inuse" => Text(IsInUse),
        "mutable" => Text(IsMutable),
        "immutable" => Text(!IsMutable),
        "shared" => Text(IsShared),
        "private" => Text(!IsShared),
        // Entries of Gantry's cache stand for themselves: they have no parents.
        _ => "",
    };

    private static string Text(bool value) => value ? "true" : "false";

    /// <summary>What it is, in BuildKit's words.</summary>
    public string KindName => Kind switch
    {
        CacheKind.Mount => "exec.cachemount",
        CacheKind.Context => "source.local",
        _ => "regular",
    };
}
