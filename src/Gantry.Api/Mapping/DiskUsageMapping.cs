using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Engine.DiskUsage;
using Gantry.Images;

namespace Gantry.Api.Mapping;

/// <summary>Disk usage on the wire: the rows of the usual lists with what objects occupy on the disk in place of their sizes.</summary>
internal sealed class DiskUsageMapping(Engine.Engine engine)
{
    private readonly ImageMapping _images = new(engine.Containers, engine.Images.Use, engine.StorageDriver);
    private readonly ContainerMapping _containers = new(engine);

    public ImageSummary ToSummary(ImageSpace space, ApiVersion version) =>
        _images.ToSummary(space.Image, version) with { Size = space.Size, SharedSize = space.SharedSize };

    public ContainerSummary ToSummary(ContainerSpace space) =>
        _containers.ToSummary(space.Container, withSize: false) with { SizeRw = space.OwnSize, SizeRootFs = space.RootSize };

    public static VolumeResource ToResource(VolumeSpace space) =>
        VolumeMapping.ToResource(space.Volume) with { UsageData = new VolumeUsageData { RefCount = space.Users, Size = space.Size } };

    public ObjectsDiskUsage<ImageSummary> ToUsage(ImagesSpace images, ApiVersion version, bool verbose)
    {
        IReadOnlyList<ImageSummary> items = [.. images.Items.Select(item => ToSummary(item, version))];
        return new ObjectsDiskUsage<ImageSummary>
        {
            ActiveCount = items.Count(item => item.Containers > 0),
            TotalCount = items.Count,
            Reclaimable = images.Reclaimable,
            TotalSize = images.TotalSize,
            Items = verbose ? items : null,
        };
    }

    public ObjectsDiskUsage<ContainerSummary> ToUsage(IReadOnlyList<ContainerSpace> containers, bool verbose) => new()
    {
        ActiveCount = containers.Count(space => space.Container.State.IsRunning),
        TotalCount = containers.Count,
        Reclaimable = containers.Where(space => !space.Container.State.IsRunning).Sum(space => space.OwnSize),
        TotalSize = containers.Sum(space => space.OwnSize),
        Items = verbose ? [.. containers.Select(ToSummary)] : null,
    };

    public static ObjectsDiskUsage<VolumeResource> ToUsage(IReadOnlyList<VolumeSpace> volumes, bool verbose) => new()
    {
        ActiveCount = volumes.Count(space => space.Users > 0),
        TotalCount = volumes.Count,
        Reclaimable = volumes.Where(space => space.Users == 0).Sum(space => space.Size),
        TotalSize = volumes.Sum(space => space.Size),
        Items = verbose ? [.. volumes.Select(ToResource)] : null,
    };
}
