using Gantry.Engine.Containers;
using Gantry.Images;
using Gantry.Oci.Filters;
using Gantry.Os.Files;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine.DiskUsage;

/// <summary>The disk space of one container.</summary>
/// <param name="Container">The container.</param>
/// <param name="OwnSize">The bytes of its writable layer, its log and its documents: what its removal frees.</param>
/// <param name="RootSize">The same with its image.</param>
public sealed record ContainerSpace(Container Container, long OwnSize, long RootSize);

/// <summary>The disk space of one volume.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="Size">The bytes of what is in it.</param>
/// <param name="Users">How many containers use it.</param>
public sealed record VolumeSpace(Volume Volume, long Size, int Users);

/// <summary>Measures what the objects of the engine occupy on the disk, as <c>du</c> counts it: <c>docker system df</c>.</summary>
public sealed class EngineDiskUsage
{
    private readonly ImageDiskUsage _images;
    private readonly ISnapshotter _snapshots;
    private readonly ContainerRegistry _containers;
    private readonly ContainerUses _uses;
    private readonly VolumeStore _volumes;
    private readonly Func<string, long> _imageSize;

    internal EngineDiskUsage(
        ImageDiskUsage images, ISnapshotter snapshots, ContainerRegistry containers, ContainerUses uses, VolumeStore volumes, Func<string, long> imageSize)
    {
        _images = images;
        _snapshots = snapshots;
        _containers = containers;
        _uses = uses;
        _volumes = volumes;
        _imageSize = imageSize;
    }

    /// <summary>Content store and unpacked layers.</summary>
    public ImagesSpace OfImages() => _images.Measure();

    /// <summary>All containers, the newest first.</summary>
    public IReadOnlyList<ContainerSpace> OfContainers()
    {
        var found = new List<ContainerSpace>();
        foreach (var container in _containers.List())
        {
            // One that is removed meanwhile has no snapshot any more.
            if (_snapshots.Find(container.Id) is null)
                continue;
            var own = _snapshots.MeasureDiskSpace(container.Id) + DirectoryTree.Usage(container.Folder, withRoot: true);
            found.Add(new ContainerSpace(container, own, own + _imageSize(container.ImageId)));
        }
        return found;
    }

    /// <summary>All volumes, by name.</summary>
    public IReadOnlyList<VolumeSpace> OfVolumes() =>
        [.. _volumes.List(ObjectFilters.None).Select(volume => new VolumeSpace(volume, _volumes.MeasureUsage(volume.Name), _uses.OfVolume(volume.Name).Count))];
}
