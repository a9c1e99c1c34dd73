using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Containers;

/// <summary>How much disk space containers use.</summary>
public sealed class ContainerSizes
{
    private readonly ISnapshotter _snapshots;
    private readonly Func<string, long> _imageSize;

    internal ContainerSizes(ISnapshotter snapshots, Func<string, long> imageSize)
    {
        _snapshots = snapshots;
        _imageSize = imageSize;
    }

    /// <summary>Bytes in the container's own layer, and in that and its image together.</summary>
    public (long SizeRw, long SizeRootFs) Of(Container container)
    {
        var own = _snapshots.MeasureUsage(container.Id).Bytes;
        return (own, own + _imageSize(container.ImageId));
    }
}
