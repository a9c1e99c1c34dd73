using Gantry.Images.Layers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Store;

/// <summary>Reads what an entry of the index refers to: through nested indexes to the manifest for a platform, and its configuration.</summary>
internal sealed class ImageReader(ContentStore content)
{
    private const int MaxIndexDepth = 4;
    private const int MaxManifests = 1024;

    /// <summary>The image that an entry means on this machine.</summary>
    /// <exception cref="GantryException">A document is missing, damaged or contradicts itself.</exception>
    internal Image Read(Descriptor target, Platform platform)
    {
        var manifest = Choose(target, platform)
            ?? throw GantryException.NotFound($"image {target.Digest} has nothing for the platform {platform}");
        return ReadManifest(target, manifest);
    }

    /// <summary>The image that an entry means on a platform; null when it has nothing that runs there.</summary>
    /// <exception cref="GantryException">A document is damaged.</exception>
    internal Image? TryRead(Descriptor target, Platform platform) => Best(target, platform) is { } manifest ? ReadManifest(target, manifest) : null;

    /// <summary>The manifest here that fits a platform best; null when none does.</summary>
    internal Descriptor? Best(Descriptor target, Platform platform) => Manifests(target)
        .Where(one => platform.Fit(one.Platform) > 0).OrderByDescending(one => platform.Fit(one.Platform)).Select(one => one.Manifest).FirstOrDefault();

    /// <summary>All manifests that a descriptor leads to, here or not, attestations too, in the order of the indexes.</summary>
    internal List<Descriptor> AllManifests(Descriptor target)
    {
        var found = new List<Descriptor>();
        CollectAll(target, 0, found);
        return found;
    }

    /// <summary>All manifests of images that a descriptor leads to and that are here, with their platforms.</summary>
    internal List<(Descriptor Manifest, Platform Platform)> Manifests(Descriptor target)
    {
        var found = new List<(Descriptor, Platform)>();
        Collect(target, 0, found);
        return found;
    }

    private Descriptor? Choose(Descriptor target, Platform platform)
    {
        if (MediaTypes.IsManifest(target.MediaType))
            return target;
        Descriptor? best = null;
        var bestFit = -1;
        foreach (var (manifest, itsPlatform) in Manifests(target))
        {
            var fit = platform.Fit(itsPlatform);
            if (fit > bestFit)
                (best, bestFit) = (manifest, fit);
        }
        return best;
    }

    private void CollectAll(Descriptor descriptor, int depth, List<Descriptor> found)
    {
        Check(descriptor, depth, found.Count);
        if (MediaTypes.IsManifest(descriptor.MediaType))
            found.Add(descriptor);
        if (!MediaTypes.IsIndex(descriptor.MediaType) || !content.Contains(descriptor.Digest))
            return;
        foreach (var child in ImageDocument.ReadIndex(content.ReadBytes(descriptor.Digest, ImageDocument.MaxLength)).Value.Manifests)
            CollectAll(child, depth + 1, found);
    }

    private static void Check(Descriptor descriptor, int depth, int count)
    {
        if (depth > MaxIndexDepth)
            throw GantryException.Invalid($"image index {descriptor.Digest} is nested deeper than {MaxIndexDepth} levels");
        if (count > MaxManifests)
            throw GantryException.Invalid($"image index {descriptor.Digest} has more than {MaxManifests} manifests");
    }

    private void Collect(Descriptor descriptor, int depth, List<(Descriptor, Platform)> found)
    {
        Check(descriptor, depth, found.Count);
        // Images saved for one platform keep the whole index; what it names for others is not here. An attestation is no image.
        if (descriptor.Annotation(Annotations.DockerReferenceType) is not null || !content.Contains(descriptor.Digest))
            return;
        if (MediaTypes.IsManifest(descriptor.MediaType))
        {
            found.Add((descriptor, descriptor.Platform ?? PlatformOf(descriptor)));
            return;
        }
        if (!MediaTypes.IsIndex(descriptor.MediaType))
            return;
        foreach (var child in ImageDocument.ReadIndex(content.ReadBytes(descriptor.Digest, ImageDocument.MaxLength)).Value.Manifests)
            Collect(child, depth + 1, found);
    }

    private Platform PlatformOf(Descriptor manifest) => ReadManifest(manifest, manifest).Config.Platform;

    private Image ReadManifest(Descriptor target, Descriptor descriptor)
    {
        var manifest = ImageDocument.ReadManifest(content.ReadBytes(descriptor.Digest, ImageDocument.MaxLength)).Value;
        if (manifest.Config is not { } configuration || !MediaTypes.IsConfig(configuration.MediaType))
            throw GantryException.Invalid($"manifest {descriptor.Digest} is no image: its configuration has the type \"{manifest.Config?.MediaType}\"");
        var config = ImageDocument.ReadConfig(content.ReadBytes(configuration.Digest, ImageDocument.MaxLength)).Value;
        var diffIds = config.RootFs?.DiffIds ?? [];
        if (diffIds.Count != manifest.Layers.Count)
            throw GantryException.Invalid($"manifest {descriptor.Digest} has {manifest.Layers.Count} layers, its configuration {diffIds.Count}");
        var chain = ChainId.All(diffIds);
        var sizes = IndexAnnotations.Sizes(target, diffIds.Count);
        return new Image
        {
            Id = configuration.Digest,
            // Of an entry of the index these are its name and the like, not the manifest's.
            Manifest = descriptor with { Annotations = null },
            Target = new Descriptor { MediaType = target.MediaType, Digest = target.Digest, Size = target.Size },
            Config = config,
            Layers = [.. manifest.Layers.Select((blob, i) => new ImageLayer(blob, diffIds[i], chain[i], sizes?[i] ?? blob.Size))],
        };
    }
}
