using System.Collections.Concurrent;
using Gantry.Images.Store;
using Gantry.Oci.Images;
using Gantry.Storage.Snapshots;

namespace Gantry.Images;

/// <summary>The disk space of one image.</summary>
/// <param name="Image">The image.</param>
/// <param name="Size">The bytes of all it needs: documents and archives of all its platforms that are here, and unpacked layers.</param>
/// <param name="SharedSize">The part of these that other images need, too.</param>
public sealed record ImageSpace(Image Image, long Size, long SharedSize);

/// <summary>The disk space of all images.</summary>
/// <param name="TotalSize">The bytes that content store and unpacked layers occupy; what images share counts once.</param>
/// <param name="Reclaimable">The bytes that would be free without the images that nobody uses.</param>
/// <param name="Items">Each image, the newest first.</param>
public sealed record ImagesSpace(long TotalSize, long Reclaimable, IReadOnlyList<ImageSpace> Items);

/// <summary>Measures what images occupy on the disk, as <c>du</c> counts it: <c>docker system df</c>.</summary>
/// <param name="store">The images.</param>
/// <param name="snapshotter">Where their layers are unpacked.</param>
/// <param name="users">Who uses an image.</param>
public sealed class ImageDiskUsage(ImageStore store, ISnapshotter snapshotter, ImageUsers users)
{
    // A layer does not change, and walking over its files takes time.
    private readonly ConcurrentDictionary<string, long> _layers = new();

    /// <summary>Measures everything.</summary>
    public ImagesSpace Measure()
    {
        // 1. The parts: unpacked layers and blobs.
        var layers = MeasureLayers();
        var images = store.Images.OrderByDescending(image => image.Created ?? DateTimeOffset.UnixEpoch).ThenBy(image => image.Id).ToList();
        var parts = images.ToDictionary(image => image.Id, image => PartsOf(image, layers));

        // 2. Who needs which.
        var uses = parts.Values.SelectMany(of => of.Keys).CountBy(part => part).ToDictionary(StringComparer.Ordinal);
        var items = images.ConvertAll(image => new ImageSpace(
            image, parts[image.Id].Values.Sum(), parts[image.Id].Where(part => uses[part.Key] > 1).Sum(part => part.Value)));

        // 3. The whole, whoever needs it, and the part of it that somebody uses now.
        var total = store.Content.MeasureDiskSpace() + layers.Values.Sum();
        var used = images.Where(image => users(image.Id).Any()).SelectMany(image => parts[image.Id]).DistinctBy(part => part.Key).Sum(part => part.Value);
        var reclaimable = parts.Values.SelectMany(of => of).DistinctBy(part => part.Key).Sum(part => part.Value) - used;
        return new ImagesSpace(total, reclaimable, items);
    }

    private Dictionary<string, long> MeasureLayers()
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var layer in snapshotter.List().Where(snapshot => !snapshot.Writable))
            found[layer.Key] = _layers.GetOrAdd(layer.Key, snapshotter.MeasureDiskSpace);
        foreach (var gone in _layers.Keys.Where(key => !found.ContainsKey(key)))
            _layers.TryRemove(gone, out _);
        return found;
    }

    /// <summary>What an image needs: layers by chain ID, blobs by their files' names.</summary>
    private Dictionary<string, long> PartsOf(Image image, Dictionary<string, long> layers)
    {
        var parts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var layer in image.Layers)
        {
            if (layers.TryGetValue(layer.ChainId.ToString(), out var size))
                parts[layer.ChainId.ToString()] = size;
        }
        foreach (var digest in new BlobTree(store.Content).Walk(image.Target))
            parts[$"blob {digest}"] = store.Content.DiskSpaceOf(digest);
        return parts;
    }
}
