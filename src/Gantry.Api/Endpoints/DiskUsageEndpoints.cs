using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Build.Cache;
using Gantry.Engine.DiskUsage;
using Gantry.Images;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>`/system/df`, in its form up to 1.51 and in that since.</summary>
internal sealed class DiskUsageEndpoints(Engine.Engine engine)
{
    private static readonly string[] Types = ["container", "image", "volume", "build-cache"];
    private readonly DiskUsageMapping _mapping = new(engine);

    public RouteTable Add(RouteTable routes) => routes.Add("GET", "/system/df", MeasureAsync);

    private Task MeasureAsync(ApiCall call)
    {
        var asked = call.QueryAll("type");
        if (asked.FirstOrDefault(type => !Types.Contains(type)) is { } unknown) throw GantryException.Invalid($"unknown object type: {unknown}");
        if (asked.Count == 0) asked = Types;
        var images = asked.Contains("image") ? engine.DiskUsage.OfImages() : null;
        var containers = asked.Contains("container") ? engine.DiskUsage.OfContainers() : null;
        var volumes = asked.Contains("volume") ? engine.DiskUsage.OfVolumes() : null;
        var withCache = asked.Contains("build-cache");
        return call.Version.IsAtLeast(52)
            ? call.AnswerAsync(Split(call, images, containers, volumes, withCache), ApiJson.Wire.SystemDataUsageResponse)
            : call.AnswerAsync(Whole(call, images, containers, volumes, withCache), ApiJson.Wire.SystemDiskUsageResponse);
    }

    private SystemDiskUsageResponse Whole(
        ApiCall call, ImagesSpace? images, IReadOnlyList<ContainerSpace>? containers, IReadOnlyList<VolumeSpace>? volumes, bool withCache) => new()
    {
        LayersSize = images?.TotalSize ?? 0,
        Images = images is null ? null : [.. images.Items.Select(item => _mapping.ToSummary(item, call.Version))],
        Containers = containers is null ? null : [.. containers.Select(_mapping.ToSummary)],
        Volumes = volumes is null ? null : [.. volumes.Select(DiskUsageMapping.ToResource)],
        BuildCache = withCache ? [.. engine.Builds.CacheUsages().Select(ToRecord)] : null,
        BuilderSize = call.Version.IsAtLeast(42) ? null : engine.Builds.CacheUsages().Sum(usage => usage.Size),
    };

    private SystemDataUsageResponse Split(
        ApiCall call, ImagesSpace? images, IReadOnlyList<ContainerSpace>? containers, IReadOnlyList<VolumeSpace>? volumes, bool withCache)
    {
        var verbose = call.Flag("verbose");
        return new SystemDataUsageResponse
        {
            ImageUsage = images is null ? null : _mapping.ToUsage(images, call.Version, verbose),
            ContainerUsage = containers is null ? null : _mapping.ToUsage(containers, verbose),
            VolumeUsage = volumes is null ? null : DiskUsageMapping.ToUsage(volumes, verbose),
            BuildCacheUsage = withCache ? ToUsage(engine.Builds.CacheUsages(), verbose) : null,
        };
    }

    private static ObjectsDiskUsage<BuildCacheRecord> ToUsage(IReadOnlyList<CacheUsage> usages, bool verbose) => new()
    {
        TotalCount = usages.Count,
        TotalSize = usages.Sum(usage => usage.Size),
        Reclaimable = usages.Where(usage => !usage.IsShared && !usage.IsInUse).Sum(usage => usage.Size),
        Items = verbose ? [.. usages.Select(ToRecord)] : null,
    };

    private static BuildCacheRecord ToRecord(CacheUsage usage) => new()
    {
        ID = usage.Id, Type = usage.KindName, Description = usage.Description, InUse = usage.IsInUse, Shared = usage.IsShared, Size = usage.Size,
        CreatedAt = usage.CreatedAt,
        LastUsedAt = usage.LastUsedAt, UsageCount = usage.Uses,
    };
}
