using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Filters;

namespace Gantry.Images;

/// <summary>What a prune did.</summary>
/// <param name="Removed">Names and deletions, in order.</param>
/// <param name="SpaceReclaimed">Bytes of layers that are gone.</param>
public sealed record ImagePruneResult(IReadOnlyList<RemovedItem> Removed, long SpaceReclaimed);

/// <summary>Removes what nobody uses: <c>docker image prune</c>.</summary>
/// <param name="store">Where the images are.</param>
/// <param name="remover">How one is removed.</param>
/// <param name="users">Who uses an image.</param>
public sealed class ImagePruner(ImageStore store, ImageRemover remover, ImageUsers users)
{
    /// <summary>Removes images without a name, or, with <c>dangling=false</c>, all that no container was made from.</summary>
    /// <param name="filters"><c>dangling label label! until unused-for</c>; the last is a duration such as <c>72h</c>.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="GantryException">A filter is unknown or malformed.</exception>
    public ImagePruneResult Prune(ObjectFilters filters, CancellationToken cancellation = default)
    {
        filters.Validate("dangling", "label", "label!", "until", "unused-for");
        var danglingOnly = filters.Flag("dangling") ?? true;
        var until = filters["until"].Select(text => FilterTime.Parse(text, DateTimeOffset.UtcNow)).Cast<DateTimeOffset?>().Min();
        var unusedSince = filters["unused-for"].Select(UnusedSince).Cast<DateTimeOffset?>().Min();
        var removed = new List<RemovedItem>();
        var layers = store.Images.SelectMany(image => image.Layers).DistinctBy(layer => layer.ChainId)
            .ToDictionary(layer => layer.ChainId.ToString(), layer => layer.Size);
        foreach (var image in store.Images.OrderBy(image => image.Id))
        {
            cancellation.ThrowIfCancellationRequested();
            var named = image.RepoTags.Count + image.RepoDigests.Count > 0;
            if ((danglingOnly && named) || image.Created > until || LastUsed(image) > unusedSince || !filters.MatchesLabels(image.Labels)
                || users(image.Id).Any())
                continue;
            Remove(image, removed);
        }
        var reclaimed = removed.Sum(item => item.Deleted is { } id ? layers.GetValueOrDefault(id) : 0);
        store.Events(new ImageEvent("prune", "", new Dictionary<string, string> { ["reclaimed"] = reclaimed.ToString(CultureInfo.InvariantCulture) }));
        return new ImagePruneResult(removed, reclaimed);
    }

    private DateTimeOffset UnusedSince(string text) => FilterTime.TryParseDuration(text, out var duration) && duration >= TimeSpan.Zero
        ? store.Use.Clock.GetUtcNow() - duration
        : throw GantryException.Invalid($"invalid filter 'unused-for={text}': give a duration such as 72h or 1h30m");

    /// <summary>An image that was used before uses were noted, or whose note was lost, was used when it got its name, at least.</summary>
    private DateTimeOffset? LastUsed(Image image) => store.Use.LastUsed(image.Id) ?? image.TaggedAt;

    private void Remove(Image image, List<RemovedItem> removed)
    {
        try
        {
            foreach (var name in (IEnumerable<string>)[.. image.RepoTags, .. image.RepoDigests])
            {
                // The last tag of a repository takes its digests along.
                if (store.Find(name) is not null)
                    removed.AddRange(remover.Remove(name));
            }
            if (store.Find(image.Id) is not null)
                removed.AddRange(remover.Remove(image.Id.ToString()));
        }
        catch (GantryException e) when (e.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
        {
            // A container was made from it, or somebody else removed it, since it was chosen.
        }
    }
}
