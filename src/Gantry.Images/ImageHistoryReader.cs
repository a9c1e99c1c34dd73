using Gantry.Oci.Images;

namespace Gantry.Images;

/// <summary>One step of an image's making, as <c>docker history</c> shows it.</summary>
/// <param name="Id">The image's ID for the newest step, <c>&lt;missing&gt;</c> for the others.</param>
/// <param name="Created">When; null when it is not recorded.</param>
/// <param name="CreatedBy">The command.</param>
/// <param name="Tags">The image's names, for the newest step.</param>
/// <param name="Size">The sum of the sizes of the layer's files; 0 for a step without a layer.</param>
/// <param name="Comment">A message.</param>
public sealed record HistoryStep(string Id, DateTimeOffset? Created, string CreatedBy, IReadOnlyList<string> Tags, long Size, string Comment);

/// <summary>Tells how an image came to be: <c>docker history</c>.</summary>
/// <param name="store">Where the images are.</param>
public sealed class ImageHistoryReader(ImageStore store)
{
    /// <summary>The steps, the newest first.</summary>
    /// <param name="nameOrId">The image.</param>
    /// <param name="platform">Which of its platforms; null: the one of this machine.</param>
    /// <exception cref="Oci.GantryException">No such image, or not for this platform.</exception>
    public IReadOnlyList<HistoryStep> Read(string nameOrId, Platform? platform = null)
    {
        var image = store.Resolve(nameOrId, platform);
        var steps = new List<HistoryStep>();
        var layer = 0;
        foreach (var step in image.Config.History ?? [])
        {
            var size = !step.EmptyLayer && layer < image.Layers.Count ? image.Layers[layer++].Size : 0;
            steps.Add(new HistoryStep("<missing>", step.CreatedAt, step.CreatedBy ?? "", [], size, step.Comment ?? ""));
        }
        // Some tools write layers without telling how they came to be.
        for (; layer < image.Layers.Count; layer++)
            steps.Add(new HistoryStep("<missing>", null, "", [], image.Layers[layer].Size, ""));
        steps.Reverse();
        if (steps.Count > 0)
            steps[0] = steps[0] with { Id = image.Id.ToString(), Tags = image.RepoTags };
        return steps;
    }
}
