using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Images: list, inspect, history, tag, remove, prune.</summary>
internal sealed class ImageEndpoints(Engine.Engine engine)
{
    private readonly ImageMapping _mapping = new(engine.Containers, engine.Images.Use, engine.StorageDriver);
    private readonly ImageManifestMapping _manifests = new(engine.ImageManifests, engine.Containers);
    private readonly ImageHistoryReader _history = new(engine.Images);

    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/images/json", ListAsync)
        .Add("GET", "/images/{name...}/json", InspectAsync)
        .Add("GET", "/images/{name...}/history", HistoryAsync)
        .Add("POST", "/images/{name...}/tag", TagAsync)
        .Add("POST", "/images/prune", PruneAsync)
        .Add("DELETE", "/images/{name...}", RemoveAsync);

    private Task ListAsync(ApiCall call)
    {
        // Before 1.41 the name had a parameter of its own.
        var filters = call.Query("filter") is { Length: > 0 } name ? ObjectFilters.Of(("reference", name)) : ObjectFilters.Parse(call.Query("filters"));
        var withManifests = call.Flag("manifests") && call.Version.IsAtLeast(47);
        var withSharedSize = call.Flag("shared-size") && call.Version.IsAtLeast(42);
        IReadOnlyList<ImageSummary> rows = [.. engine.ImageLister.List(filters).Select(image => _mapping.ToSummary(image, call.Version) with
        {
            Manifests = withManifests ? _manifests.ToSummaries(image) : null,
            SharedSize = withSharedSize ? engine.ImageLister.SharedSize(image) : -1,
        })];
        return call.AnswerAsync(rows, ApiJson.Wire.IReadOnlyListImageSummary);
    }

    private Task InspectAsync(ApiCall call)
    {
        var withManifests = call.Flag("manifests") && call.Version.IsAtLeast(48);
        var platform = call.Version.IsAtLeast(49) ? PlatformQuery.One(call, "platform") : null;
        if (withManifests && platform is not null) throw GantryException.Invalid("conflicting options: manifests and platform options cannot both be set");
        var image = engine.Images.Resolve(call.Path("name"), platform);
        var answer = _mapping.ToInspect(image, call.Version) with { Manifests = withManifests ? _manifests.ToSummaries(image) : null };
        return call.AnswerAsync(answer, ApiJson.Wire.ImageInspectResponse);
    }

    private Task HistoryAsync(ApiCall call)
    {
        IReadOnlyList<ImageHistoryItem> steps = [.. _history.Read(call.Path("name"), PlatformQuery.One(call, "platform")).Select(ImageMapping.ToHistoryItem)];
        return call.AnswerAsync(steps, ApiJson.Wire.IReadOnlyListImageHistoryItem);
    }

    private Task TagAsync(ApiCall call)
    {
        var tag = call.Query("tag");
        if (!tag.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-')) throw GantryException.Invalid("invalid tag format");
        engine.ImageTagger.Tag(call.Path("name"), tag.Length > 0 ? $"{call.Query("repo")}:{tag}" : call.Query("repo"));
        return call.AnswerAsync(StatusCodes.Status201Created);
    }

    private Task RemoveAsync(ApiCall call)
    {
        var platforms = PlatformQuery.All(call, "platforms");
        var removed = platforms.Count > 0
            ? engine.ImagePlatformRemover.Remove(call.Path("name"), platforms, call.Flag("force"))
            : engine.ImageRemover.Remove(call.Path("name"), call.Flag("force"));
        return call.AnswerAsync(ImageMapping.ToDeleteItems(removed), ApiJson.Wire.IReadOnlyListImageDeleteItem);
    }

    private Task PruneAsync(ApiCall call)
    {
        var result = engine.ImagePruner.Prune(ObjectFilters.Parse(call.Query("filters")), call.Aborted);
        var answer = new ImagesPruneResponse
        {
            ImagesDeleted = result.Removed.Count > 0 ? ImageMapping.ToDeleteItems(result.Removed) : null,
            SpaceReclaimed = result.SpaceReclaimed,
        };
        return call.AnswerAsync(answer, ApiJson.Wire.ImagesPruneResponse);
    }
}
