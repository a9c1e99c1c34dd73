using Gantry.Api.Requests;
using Gantry.Oci;
using Gantry.Oci.Filters;

namespace Gantry.Api.Mapping;

/// <summary>Which objects a prune may take: by label, and by age.</summary>
internal sealed class PruneFilter
{
    private readonly ObjectFilters _filters;
    private readonly DateTimeOffset? _until;

    /// <exception cref="GantryException">`until` is malformed or given twice (400).</exception>
    public PruneFilter(ObjectFilters filters)
    {
        _filters = filters;
        if (!filters.Has("until")) return;
        if (filters["until"] is not [var until]) throw GantryException.Invalid("more than one until filter specified");
        _until = Timestamp.Parse(until);
    }

    /// <summary>The keys that are known.</summary>
    public static ReadOnlySpan<string> Keys => (string[])["label", "label!", "until"];

    public bool Accepts(DateTimeOffset created, IReadOnlyDictionary<string, string>? labels) =>
        (_until is null || created < _until) && _filters.MatchesLabels(labels);
}
