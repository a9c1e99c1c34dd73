using Gantry.Images.Load;
using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Archives;
using Gantry.Storage.Compression;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;

namespace Gantry.Images;

/// <summary>Loads images from archives: <c>docker load</c>.</summary>
/// <param name="store">Where they go.</param>
/// <param name="unpacker">Unpacks their layers.</param>
/// <param name="snapshotter">Where the unpacked layers are.</param>
public sealed class ImageLoader(ImageStore store, ImageUnpacker unpacker, ISnapshotter snapshotter)
{
    /// <summary>
    /// Loads all images of an archive: docker's form or an OCI layout, plain or compressed with gzip or zstd. Nothing is visible before all of
    /// it is verified and unpacked, and nothing is left when that fails.
    /// </summary>
    /// <param name="archive">The archive; read forward to its end.</param>
    /// <param name="progress">Is told what goes on; lines are docker's.</param>
    /// <param name="platforms">
    /// Of images for several platforms, which to load; none: all. The one for this machine is unpacked, or the first when there is none.
    /// </param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The images, in the archive's order.</returns>
    /// <exception cref="GantryException">The archive is no image archive, damaged, hostile, or has nothing for the platform.</exception>
    public async Task<IReadOnlyList<Image>> LoadAsync(
        Stream archive, Action<ImageProgress> progress, IReadOnlyList<Platform>? platforms = null, CancellationToken cancellation = default)
    {
        try
        {
            using var lease = store.Content.Lease();
            // 1. Every file of the archive becomes a blob, verified by the digest it is named by.
            var received = await ReceiveAsync(archive, lease, cancellation);
            // 2. What they mean.
            var images = new ArchiveInterpreter(store.Content, lease, store.Reader).Interpret(received);
            foreach (var image in images)
                new PlatformChoice(store, platforms ?? []).Apply(image.Target, lease, received);
            var chosen = images.ConvertAll(image => (image.Names, Image: store.Reader.Read(image.Target, Platform.Host)));
            // 3. Their layers are unpacked, which verifies them too, and kept until the index has the images.
            using var hold = store.Holds.Hold([.. chosen.SelectMany(one => one.Image.Layers).Select(layer => layer.ChainId)]);
            for (var i = 0; i < chosen.Count; i++)
                chosen[i] = (chosen[i].Names, await UnpackAsync(chosen[i].Image, lease, progress, cancellation));
            // 4. Only now does anybody see them.
            foreach (var (names, image) in chosen)
                Register(image, names, progress);
            DiscardRest(received, images, lease);
            return [.. chosen.Select(one => store.Find(one.Image.Id)!).Distinct()];
        }
        catch
        {
            store.Garbage.Collect();
            throw;
        }
    }

    /// <summary>Archives hold files for older readers, too, that no image refers to.</summary>
    private void DiscardRest(ReceivedArchive received, List<ArchiveImage> images, ContentLease lease)
    {
        var tree = new BlobTree(store.Content);
        var needed = images.SelectMany(image => tree.Walk(image.Target)).ToHashSet();
        foreach (var file in received.Files.Values.Where(file => !needed.Contains(file.Digest) && !received.Known.Contains(file.Digest)))
            lease.Discard(file.Digest);
    }

    private async Task<ReceivedArchive> ReceiveAsync(Stream archive, ContentLease lease, CancellationToken cancellation)
    {
        var (plain, _) = await Decompression.OpenAsync(new BlockingStream(archive, cancellation), cancellation);
        return await BlockingStream.RunAsync(() => new ArchiveReceiver(store.Content, lease).Receive(plain, cancellation));
    }

    private async Task<Image> UnpackAsync(Image image, ContentLease lease, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        if (image.Layers.FirstOrDefault(layer => !lease.TryHold(layer.Blob.Digest)) is { } missing)
            throw GantryException.Invalid($"image archive: the layer {missing.Blob.Digest} is missing");
        return await unpacker.UnpackAndVerifyAsync(image, store.KnownSizes(image), new LayerVerifier(store), layer => Report(layer, progress), cancellation);
    }

    private void Report(ImageLayer layer, Action<ImageProgress> progress)
    {
        if (!snapshotter.Exists(layer.ChainId.ToString()))
            progress(new ImageProgress(null, "Loading layer", layer.DiffId.Short, layer.Blob.Size, layer.Blob.Size));
    }

    private void Register(Image image, IReadOnlyList<ImageReference> names, Action<ImageProgress> progress)
    {
        if (names.Count == 0)
        {
            store.Register(image);
            progress(new ImageProgress($"Loaded image ID: {image.Id}"));
            store.Events(ImageEvent.Of("load", image, image.Id.ToString()));
        }
        foreach (var name in names)
        {
            if (store.Catalog.Name(name) is { } old && old.Image != image.Id)
                progress(new ImageProgress($"The image {name.Familiar} already exists, renaming the old one with ID {old.Image} to empty string"));
            store.Register(image, name);
            progress(new ImageProgress($"Loaded image: {name.Familiar}"));
            store.Events(ImageEvent.Of("load", image, name.Familiar));
        }
    }
}
