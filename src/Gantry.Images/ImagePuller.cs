using Gantry.Images.Load;
using Gantry.Images.Pull;
using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Pull;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;

namespace Gantry.Images;

/// <summary>Fetches images from registries: <c>docker pull</c>.</summary>
public sealed class ImagePuller
{
    private readonly ImageStore _store;
    private readonly ImageUnpacker _unpacker;
    private readonly ISnapshotter _snapshotter;
    private readonly RegistryClient _registries;
    private readonly LayerFetcher _fetcher;
    private readonly LayerVerifier _verifier;

    /// <summary>Makes a puller; one serves a whole engine.</summary>
    /// <param name="store">Where images go.</param>
    /// <param name="unpacker">Unpacks their layers.</param>
    /// <param name="snapshotter">Where the unpacked layers are.</param>
    /// <param name="registries">Where they come from.</param>
    /// <param name="concurrency">How many layers are transferred at the same time.</param>
    public ImagePuller(ImageStore store, ImageUnpacker unpacker, ISnapshotter snapshotter, RegistryClient registries, int concurrency)
    {
        (_store, _unpacker, _snapshotter, _registries) = (store, unpacker, snapshotter, registries);
        _fetcher = new LayerFetcher(store.Content, unpacker, concurrency);
        _verifier = new LayerVerifier(store);
    }

    /// <summary>
    /// Pulls one image. It has its name when all of it is verified and unpacked, and not before. What was fetched before a failure of the network or
    /// a cancellation is kept for the next try.
    /// </summary>
    /// <param name="reference">What to pull; without tag and digest, <c>latest</c>.</param>
    /// <param name="platform">Which image of several; null: the one for this machine.</param>
    /// <param name="credentials">Who pulls; null for nobody.</param>
    /// <param name="progress">Is told what goes on, on any thread; texts are docker's.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The registry refuses or lies, nothing is there for the platform, or the image is damaged or hostile.</exception>
    public async Task<Image> PullAsync(
        ImageReference reference, Platform? platform, RegistryCredentials? credentials, Action<ImageProgress> progress,
        CancellationToken cancellation = default)
    {
        var wanted = reference.WithDefaultTag();
        var (image, isNew) = await PullOneAsync(wanted, platform, credentials, progress, cancellation);
        progress(Status(wanted, isNew));
        return image;
    }

    /// <summary>Pulls every tag of a repository: <c>docker pull --all-tags</c>.</summary>
    /// <inheritdoc cref="PullAsync"/>
    public async Task PullAllTagsAsync(
        ImageReference repository, Platform? platform, RegistryCredentials? credentials, Action<ImageProgress> progress,
        CancellationToken cancellation = default)
    {
        var tags = await (await _registries.RepositoryAsync(repository, credentials, cancellation)).ListTagsAsync(cancellation);
        var isNew = false;
        foreach (var tag in tags)
            isNew |= (await PullOneAsync(repository.WithTag(tag), platform, credentials, progress, cancellation)).IsNew;
        progress(Status(repository, isNew));
    }

    private static ImageProgress Status(ImageReference name, bool isNew) =>
        new(isNew ? $"Status: Downloaded newer image for {name.Familiar}" : $"Status: Image is up to date for {name.Familiar}");

    private async Task<(Image Image, bool IsNew)> PullOneAsync(
        ImageReference wanted, Platform? platform, RegistryCredentials? credentials, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        var version = wanted.Digest?.ToString() ?? wanted.Tag!;
        var repository = await _registries.RepositoryAsync(wanted, credentials, cancellation);
        // 1. What the name means today, down to the manifest for the platform.
        var resolved = await repository.ResolveImageAsync(version, platform ?? Platform.Host, cancellation);
        progress(new ImageProgress($"Pulling from {wanted.Path}", LayerId: version));
        // What has come stays for the next try, also when this process ends before the pull does.
        using var lease = _store.Content.Lease($"pull {wanted}", _store.Content.KeepPartialBlobs);
        Image? image = null;
        try
        {
            // 2. Documents first: they tell the layers.
            image = await TakeDocumentsAsync(repository, resolved, platform, lease, cancellation);
            var known = _store.Means(wanted, image);
            // 3. Layers, each fetched while those below it are unpacked.
            using var hold = _store.Hold(image);
            image = await TakeLayersAsync(repository, image, known, lease, progress, cancellation);
            // 4. Only now does it have its name, and the one by which everybody means the same content.
            Register(image, wanted, wanted.WithoutTag().WithDigest(resolved.Root.Descriptor.Digest));
            lease.Complete();
            _store.Events(ImageEvent.Of("pull", image, wanted.Familiar));
            progress(new ImageProgress($"Digest: {resolved.Root.Descriptor.Digest}"));
            if (platform is not null && platform.Fit(image.Config.Platform) == 0)
            {
                progress(new ImageProgress(
                    $"WARNING: image with reference {wanted.Familiar} was found but its platform ({image.Config.Platform}) does not match the specified platform ({platform})"));
            }
            return (_store.Find(wanted.ToString()) ?? image, !known);
        }
        catch (GantryException error) when (error.Kind is not ErrorKind.Unavailable)
        {
            // The image is not what it should be: nothing of it is worth keeping.
            lease.Complete();
            lease.Dispose();
            if (image is not null)
                _fetcher.Forget(image);
            _store.Garbage.Collect();
            throw;
        }
    }

    /// <summary>One write of the index for both names, and none when they mean this image already.</summary>
    private void Register(Image image, ImageReference wanted, ImageReference byDigest)
    {
        List<ImageReference> names = wanted.Digest is null ? [wanted, byDigest] : [byDigest];
        if (names.TrueForAll(name => _store.Means(name, image)))
            _store.Use.Touch(image.Id);
        else
            _store.Register(image, names);
    }

    private async Task<Image> TakeDocumentsAsync(
        RegistryRepository repository, ResolvedImage resolved, Platform? platform, ContentLease lease, CancellationToken cancellation)
    {
        foreach (var document in resolved.Path)
        {
            if (lease.TryHold(document.Descriptor.Digest))
                continue;
            using var writer = lease.CreateWriter(document.Descriptor.Digest, document.Bytes.Length);
            writer.Write(document.Bytes.Span);
            writer.Commit();
        }
        var config = resolved.Manifest.Value.Config ?? throw GantryException.Invalid($"manifest {resolved.Path[^1].Descriptor.Digest} has no configuration");
        var manifest = resolved.Path[^1].Descriptor;
        await TakeConfigurationAsync(repository, config, lease, cancellation);
        var image = Read(repository, manifest, platform ?? Platform.Host);
        if (image.Layers.FirstOrDefault(layer => !MediaTypes.IsLayer(layer.Blob.MediaType)) is { } odd)
            throw repository.Failure(odd.Blob.Digest, GantryException.Invalid($"the type of the layer is unknown: \"{odd.Blob.MediaType}\""));
        // A platform that was asked for is what the name means from now on; otherwise it means the whole index.
        return platform is null ? image with { Target = resolved.Root.Descriptor } : image;
    }

    private static async Task TakeConfigurationAsync(RegistryRepository repository, Descriptor config, ContentLease lease, CancellationToken cancellation)
    {
        try
        {
            if (config.Size > ImageDocument.MaxLength)
                throw GantryException.Invalid($"the configuration has {config.Size} bytes, more than the {ImageDocument.MaxLength} allowed");
            if (lease.TryHold(config.Digest))
                return;
            while (!await TryTakeAsync(repository, config, lease, cancellation))
            {
                // From the next endpoint: a mirror sent something else.
            }
        }
        catch (GantryException error)
        {
            throw repository.Failure(config.Digest, error);
        }
    }

    private static async Task<bool> TryTakeAsync(RegistryRepository repository, Descriptor blob, ContentLease lease, CancellationToken cancellation)
    {
        await using var stream = await repository.OpenBlobAsync(blob, 0, cancellation);
        try
        {
            await lease.AddAsync(stream, blob.Digest, blob.Size, cancellation: cancellation);
            return true;
        }
        catch (GantryException error) when (error.Kind is not ErrorKind.Unavailable && repository.PassOver(stream))
        {
            return false;
        }
    }

    private Image Read(RegistryRepository repository, Descriptor manifest, Platform platform)
    {
        try
        {
            return _store.Reader.Read(manifest, platform);
        }
        catch (GantryException error)
        {
            throw repository.Failure(manifest.Digest, error);
        }
    }

    private async Task<Image> TakeLayersAsync(
        RegistryRepository repository, Image image, bool known, ContentLease lease, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var missing = image.Layers.Where(layer => !lease.TryHold(layer.Blob.Digest) || !IsUnpacked(layer)).ToHashSet();
        if (known && missing.Count == 0)
            return image with { Layers = [.. image.Layers.Zip(_store.Find(image.Id)!.Layers, static (own, old) => own with { Size = old.Size })] };
        foreach (var layer in image.Layers)
            progress(Of(layer, missing.Contains(layer) ? "Pulling fs layer" : "Already exists"));
        var fetching = image.Layers.Select((layer, i) =>
            _fetcher.FetchAsync(layer, i == 0 ? null : image.Layers[i - 1].ChainId.ToString(), repository, lease, progress, stop.Token)).ToList();
        try
        {
            var sizes = _store.KnownSizes(image);
            var layers = new List<ImageLayer>(image.Layers.Count);
            foreach (var (layer, fetched) in image.Layers.Zip(fetching))
            {
                await fetched;
                if (missing.Contains(layer) && !IsUnpacked(layer))
                    progress(Of(layer, "Extracting") with { Current = layer.Blob.Size, Total = layer.Blob.Size });
                layers.Add(await UnpackAsync(repository, layer, layers.LastOrDefault()?.ChainId.ToString(), sizes, cancellation));
                if (missing.Contains(layer))
                    progress(Of(layer, "Pull complete"));
            }
            return image with { Layers = layers };
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll(fetching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<ImageLayer> UnpackAsync(
        RegistryRepository repository, ImageLayer layer, string? parent, Dictionary<Digest, long> sizes, CancellationToken cancellation)
    {
        try
        {
            return await _unpacker.UnpackAndVerifyAsync(layer, parent, sizes, _verifier, cancellation);
        }
        catch (GantryException error)
        {
            throw repository.Failure(layer.Blob.Digest, error);
        }
    }

    private bool IsUnpacked(ImageLayer layer) => _snapshotter.Exists(layer.ChainId.ToString());

    private static ImageProgress Of(ImageLayer layer, string status) => new(null, status, layer.Blob.Digest.Short);
}
