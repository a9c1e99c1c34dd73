using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Images;

namespace Gantry.Images;

/// <summary>Lists images: <c>docker images</c>.</summary>
/// <param name="store">Where the images are.</param>
public sealed class ImageLister(ImageStore store)
{
    /// <summary>
    /// The images that match, the newest first. With a <c>reference</c> filter each shows only the names that match.
    /// </summary>
    /// <param name="filters"><c>dangling label label! before since until reference</c>.</param>
    /// <exception cref="GantryException">A filter is unknown or malformed; <c>before</c> or <c>since</c> names no image.</exception>
    public IReadOnlyList<Image> List(ObjectFilters filters)
    {
        filters.Validate("dangling", "label", "label!", "before", "since", "until", "reference");
        var dangling = filters.Flag("dangling");
        var before = Earliest(filters["before"]);
        var until = filters["until"].Select(text => FilterTime.Parse(text, DateTimeOffset.UtcNow)).Cast<DateTimeOffset?>().Min();
        var since = filters["since"].Select(CreatedOf).Max();
        var found = new List<Image>();
        foreach (var image in store.Images)
        {
            var created = image.Created ?? DateTimeOffset.UnixEpoch;
            if ((dangling is { } wanted && wanted != (image.RepoTags.Count == 0 && image.RepoDigests.Count == 0))
                || created >= before || created > until || created <= since || !filters.MatchesLabels(image.Labels))
                continue;
            if (WithMatchingNames(image, filters["reference"]) is { } shown)
                found.Add(shown);
        }
        return [.. found.OrderByDescending(image => image.Created ?? DateTimeOffset.UnixEpoch).ThenBy(image => image.Id)];
    }

    /// <summary>The bytes of an image's layers that other images have, too.</summary>
    public long SharedSize(Image image)
    {
        var others = store.Images.Where(other => other.Id != image.Id).SelectMany(other => other.Layers).Select(layer => layer.ChainId).ToHashSet();
        return image.Layers.Where(layer => others.Contains(layer.ChainId)).Sum(layer => layer.Size);
    }

    private DateTimeOffset? Earliest(IReadOnlyList<string> names) => names.Select(CreatedOf).Min();

    private DateTimeOffset? CreatedOf(string nameOrId) => store.Resolve(nameOrId).Created ?? DateTimeOffset.UnixEpoch;

    private static Image? WithMatchingNames(Image image, IReadOnlyList<string> patterns)
    {
        if (patterns.Count == 0)
            return image;
        var tags = Matching(image.RepoTags, patterns);
        var digests = Matching(image.RepoDigests, patterns);
        return tags.Count + digests.Count == 0 ? null : image with { RepoTags = tags, RepoDigests = digests };
    }

    private static List<string> Matching(IReadOnlyList<string> names, IReadOnlyList<string> patterns) =>
        [.. names.Where(name => patterns.Any(pattern => ReferencePattern.Matches(pattern, ImageReference.Parse(name))))];
}
