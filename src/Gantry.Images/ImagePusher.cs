using Gantry.Images.Push;
using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client;
using Gantry.Registry.Client.Auth;
using Gantry.Storage.Content;

namespace Gantry.Images;

/// <summary>What a push put into the registry.</summary>
/// <param name="Tag">The tag that means it now; empty: none does.</param>
/// <param name="Target">The index or manifest.</param>
public sealed record PushedImage(string Tag, Descriptor Target);

/// <summary>Sends images to registries: <c>docker push</c>.</summary>
/// <param name="store">Where images are.</param>
/// <param name="registries">Where they go.</param>
/// <param name="concurrency">How many blobs of one push are sent at the same time.</param>
public sealed class ImagePusher(ImageStore store, RegistryClient registries, int concurrency)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Pushes one image under its name. An index is pushed whole where all of it is here; else the image of one platform is. Plain layers are compressed
    /// first, once and for all: the image then has the manifest that the registry has.
    /// </summary>
    /// <param name="reference">The name, with a tag.</param>
    /// <param name="platform">Only the image of this platform; null: all that is here.</param>
    /// <param name="compression">How plain layers are compressed.</param>
    /// <param name="credentials">Who pushes; null for nobody.</param>
    /// <param name="progress">Is told what goes on, on any thread; texts are docker's.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">No such image, or the registry refuses.</exception>
    public async Task<PushedImage> PushAsync(
        ImageReference reference, Platform? platform, LayerCompression? compression, RegistryCredentials? credentials, Action<ImageProgress> progress,
        CancellationToken cancellation = default)
    {
        Begin(reference, progress);
        return await PushOneAsync(reference.WithDefaultTag(), platform, compression, credentials, progress, cancellation);
    }

    /// <summary>Pushes every tag of a repository: <c>docker push --all-tags</c>.</summary>
    /// <inheritdoc cref="PushAsync"/>
    public async Task<IReadOnlyList<PushedImage>> PushAllTagsAsync(
        ImageReference repository, Platform? platform, LayerCompression? compression, RegistryCredentials? credentials, Action<ImageProgress> progress,
        CancellationToken cancellation = default)
    {
        Begin(repository, progress);
        var names = store.Catalog.Names.Select(name => name.Reference).Where(name => name.Name == repository.Name && name.Tag is not null).ToList();
        if (names.Count == 0)
            throw GantryException.NotFound($"An image does not exist locally with the tag: {repository.FamiliarName}");
        var pushed = new List<PushedImage>(names.Count);
        foreach (var name in names.OrderBy(name => name.Tag, StringComparer.Ordinal))
            pushed.Add(await PushOneAsync(name.WithoutTag().WithTag(name.Tag!), platform, compression, credentials, progress, cancellation));
        return pushed;
    }

    /// <summary>Pushes an image that gets no tag: it is known by its digest alone.</summary>
    /// <param name="repository">Where to; a name without tag and digest.</param>
    /// <param name="image">The image; an index is pushed whole.</param>
    /// <param name="compression">How plain layers are compressed.</param>
    /// <param name="credentials">Who pushes; null for nobody.</param>
    /// <param name="progress">Is told what goes on, on any thread.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The name has a tag (InvalidArgument), or the registry refuses.</exception>
    public Task<PushedImage> PushByDigestAsync(
        ImageReference repository, Image image, LayerCompression? compression, RegistryCredentials? credentials, Action<ImageProgress> progress,
        CancellationToken cancellation = default)
    {
        if (repository.Tag is not null || repository.Digest is not null)
            throw GantryException.Invalid($"can't push tagged ref {repository} by digest");
        Begin(repository, progress);
        return SendAsync(repository, image, compression, credentials, progress, cancellation);
    }

    private static void Begin(ImageReference repository, Action<ImageProgress> progress) =>
        progress(new ImageProgress($"The push refers to repository [{repository.Name}]"));

    private async Task<PushedImage> PushOneAsync(
        ImageReference named, Platform? platform, LayerCompression? compression, RegistryCredentials? credentials, Action<ImageProgress> progress,
        CancellationToken cancellation)
    {
        if (named.Tag is null)
            throw GantryException.Invalid("cannot push a digest reference");
        var image = store.Find(named.ToString()) ?? throw NotHere(named);
        return await SendAsync(named, Choose(named, image, platform), compression, credentials, progress, cancellation);
    }

    private async Task<PushedImage> SendAsync(
        ImageReference named, Image image, LayerCompression? compression, RegistryCredentials? credentials, Action<ImageProgress> progress,
        CancellationToken cancellation)
    {
        // 1. What is pushed.
        using var lease = store.Content.Lease();
        image = await CompressAsync(image, compression, lease, progress, cancellation);
        var content = new PushedContent(store.Content, image.Target);
        content.Hold(lease);
        // 2. Blobs, side by side; then the documents that name them, the outermost last.
        var repository = await registries.RepositoryAsync(named, credentials, cancellation);
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation };
        foreach (var layer in content.Layers)
            progress(Of(layer, "Preparing"));
        foreach (var layer in content.Foreign)
            progress(Of(layer, "Skipped foreign layer"));
        await Parallel.ForEachAsync(content.Layers.Concat(content.Configurations), options, async (blob, stop) =>
            await PushBlobAsync(repository, named, blob, MediaTypes.IsLayer(blob.MediaType) ? progress : static _ => { }, stop));
        foreach (var document in content.Documents)
        {
            await repository.PutManifestAsync(
                store.Content.ReadBytes(document.Digest, ImageDocument.MaxLength), document.MediaType, document.Digest == image.Target.Digest ? named.Tag
                    : null, cancellation);
        }
        // 3. From now on its name stands for what the registry has.
        store.Register(image, named.WithoutTag().WithDigest(image.Target.Digest));
        progress(new ImageProgress($"{(named.Tag is { } tag ? $"{tag}: " : "")}digest: {image.Target.Digest} size: {image.Target.Size}"));
        store.Events(ImageEvent.Of("push", image, named.Familiar));
        return new PushedImage(named.Tag ?? "", image.Target);
    }

    private Image Choose(ImageReference named, Image image, Platform? platform)
    {
        if (platform is not null)
        {
            var chosen = store.Reader.TryRead(image.Target, platform) ?? throw ImageStore.WrongPlatform(named.Familiar, image, platform);
            return chosen with { Target = chosen.Manifest };
        }
        return PushedContent.IsComplete(store.Content, image.Target) ? image
            : image with { Target = image.Manifest with { Platform = null, Annotations = null } };
    }

    private async Task<Image> CompressAsync(
        Image image, LayerCompression? compression, ContentLease lease, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        if (compression is not { } kind || image.Target.Digest != image.Manifest.Digest)
            return image;
        var manifest = ImageDocument.ReadManifest(store.Content.ReadBytes(image.Manifest.Digest, ImageDocument.MaxLength)).Value;
        var compressor = new LayerCompressor(store.Content, new LayerForm(kind));
        if (!compressor.IsNeeded(manifest))
            return image;
        var compressed = await compressor.CompressAsync(image, lease, progress, cancellation);
        store.Replace(image, compressed);
        return compressed;
    }

    private GantryException NotHere(ImageReference named) => GantryException.NotFound(
        store.Catalog.Names.Any(name => name.Reference.Name == named.Name && name.Reference.Tag is not null)
            ? $"tag does not exist: {named.Familiar}"
            : $"An image does not exist locally with the tag: {named.FamiliarName}");

    private async Task PushBlobAsync(
        RegistryRepository repository, ImageReference named, Descriptor blob, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        if (await repository.BlobExistsAsync(blob, cancellation))
        {
            progress(Of(blob, "Layer already exists"));
            return;
        }
        foreach (var other in RepositoriesWith(blob.Digest, named))
        {
            if (await repository.MountBlobAsync(blob.Digest, other, cancellation))
            {
                progress(Of(blob, $"Mounted from {other}"));
                return;
            }
        }
        await repository.UploadBlobAsync(blob, (offset, _) =>
            ValueTask.FromResult(Open(blob.Digest, offset)), new UploadProgress(progress, blob), cancellation);
        progress(Of(blob, "Pushed"));
    }

    /// <summary>Other repositories of the same registry that images here were pulled from or pushed to and that have the blob.</summary>
    private IEnumerable<string> RepositoriesWith(Digest blob, ImageReference named) =>
        from name in store.Catalog.Names
        where name.Reference.Domain == named.Domain && name.Reference.Path != named.Path
        let image = store.Catalog.ById(name.Image)
        where image is not null && image.Layers.Any(layer => layer.Blob.Digest == blob)
        group name by name.Reference.Path into paths
        select paths.Key;

    private Stream Open(Digest digest, long offset)
    {
        var file = store.Content.OpenRead(digest);
        file.Position = offset;
        return file;
    }

    private static ImageProgress Of(Descriptor blob, string status) => new(null, status, blob.Digest.Short);

    /// <summary>Reports at once and not too often; <see cref="Progress{T}"/> would report later, on another thread.</summary>
    private sealed class UploadProgress(Action<ImageProgress> progress, Descriptor blob) : IProgress<long>
    {
        private long _last;

        public void Report(long value)
        {
            var now = Environment.TickCount64;
            if (now - _last < ReportInterval.TotalMilliseconds)
                return;
            _last = now;
            progress(Of(blob, "Pushing") with { Current = value, Total = blob.Size });
        }
    }
}
