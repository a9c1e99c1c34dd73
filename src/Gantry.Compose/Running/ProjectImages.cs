using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Oci.Images;

namespace Gantry.Compose.Running;

/// <summary>Removes images of projects that are taken down.</summary>
/// <param name="engine">The daemon.</param>
internal sealed class ProjectImages(EngineAccess engine)
{
    /// <summary>
    /// Removes those that were made for services, as their labels tell; of labels that are lost, those by the names that services without <c>image</c> give.
    /// With <c>all</c> also those that services name.
    /// </summary>
    public async Task RemoveAsync(Project project, DownOptions options)
    {
        var present = await engine.Client.ListImagesAsync(all: false, filters: null).ConfigureAwait(false);
        var made = present.Where(image => image.Labels?.GetValueOrDefault(Labels.Project) == project.Name
            && (options.RemoveOrphans || project.Services.ContainsKey(image.Labels.GetValueOrDefault(Labels.Service, ""))));
        var tags = present.SelectMany(static image => image.RepoTags ?? []).ToHashSet(StringComparer.Ordinal);
        var named = project.Services.Values.Where(service => options.Images == "all" || service.Image.Length == 0 && service.Map("build") is not null)
            .Select(service => Familiar(service.ImageOrDefault(project.Name, project.Separator))).Where(tags.Contains);
        var names = made.Select(static image => image.RepoTags is [var first, ..] ? first : "").Where(static name => name.Length > 0).Concat(named)
            .Distinct(StringComparer.Ordinal).ToArray();
        await Threads.ForEachAsync(names, RemoveAsync).ConfigureAwait(false);
    }

    private static string Familiar(string image) => ImageReference.TryParse(image, out var reference) ? reference.WithDefaultTag().Familiar : image;

    private async Task RemoveAsync(string image)
    {
        var id = $"Image {image}";
        engine.Progress.Working(id, "Removing");
        try
        {
            await engine.Client.RemoveImageAsync(image, force: false, keepParents: false, []).ConfigureAwait(false);
            engine.Progress.Done(id, "Removed");
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            engine.Progress.Done(id, "Warning: No resource found to remove");
        }
        catch (ClientException error) when (error.Status == 409)
        {
            engine.Progress.Warned(id, "Resource is still in use");
        }
    }
}
