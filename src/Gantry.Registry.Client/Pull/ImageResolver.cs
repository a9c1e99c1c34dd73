using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;

namespace Gantry.Registry.Client.Pull;

/// <summary>An image for one platform, and how it was reached.</summary>
/// <param name="Path">All documents from what the tag means down to the manifest; at least the manifest.</param>
/// <param name="Manifest">The manifest of the image.</param>
public sealed record ResolvedImage(IReadOnlyList<RegistryManifest> Path, ImageDocument<ImageManifest> Manifest)
{
    /// <summary>What the tag means: the index, or the manifest where there is no index.</summary>
    public RegistryManifest Root => Path[0];
}

/// <summary>Goes from a tag through indexes, which may be nested, to the manifest for a platform.</summary>
internal sealed class ImageResolver(ManifestFetcher manifests, RegistrySubject repository)
{
    private const int DeepestNesting = 8;
    private const int MostIndexes = 64;

    /// <exception cref="RegistryException">There is no image for the platform, or the indexes lead in a circle or too deep.</exception>
    internal async Task<ResolvedImage> ResolveAsync(RegistryManifest root, Platform platform, CancellationToken cancellation)
    {
        if (!root.IsIndex)
            return new ResolvedImage([root], ImageDocument.ReadManifest(root.Bytes));
        var search = new Search(platform);
        await LookIntoAsync([root], search, cancellation);
        if (search.Best is not { } best)
        {
            throw new RegistryException(ErrorKind.NotFound, repository with { Reference = root.Descriptor.Digest.ToString() },
                $"no matching manifest for {platform} in the manifest list entries of {repository}@{root.Descriptor.Digest}");
        }
        var manifest = await manifests.FetchAsync(best.Entry.Digest.ToString(), best.Entry.Size, cancellation);
        if (manifest.IsIndex)
            throw Broken(manifest, "an index calls it a manifest, and it is an index");
        return new ResolvedImage([.. best.Path, manifest], ImageDocument.ReadManifest(manifest.Bytes));
    }

    private async Task LookIntoAsync(IReadOnlyList<RegistryManifest> path, Search search, CancellationToken cancellation)
    {
        var index = path[^1];
        if (path.Count > DeepestNesting || ++search.Indexes > MostIndexes)
            throw Broken(path[0], $"its indexes are nested deeper than {DeepestNesting}, or are more than {MostIndexes}");
        foreach (var entry in Read(index).Value.Manifests)
        {
            if (MediaTypes.IsIndex(entry.MediaType))
                await DescendAsync(path, entry, search, cancellation);
            else if (MediaTypes.IsManifest(entry.MediaType) && entry.Annotation(Annotations.DockerReferenceType) is null)
                search.Consider(path, entry);
        }
    }

    private async Task DescendAsync(IReadOnlyList<RegistryManifest> path, Descriptor entry, Search search, CancellationToken cancellation)
    {
        if (path.Any(document => document.Descriptor.Digest == entry.Digest))
            throw Broken(
                path[0], $"its index leads in a circle: {string.Join(" -> ", path.Select(document => document.Descriptor.Digest).Append(entry.Digest))}");
        if (entry.Platform is { Os.Length: > 0 } named && search.Platform.Fit(named) == 0)
            return;
        var nested = await manifests.FetchAsync(entry.Digest.ToString(), entry.Size, cancellation);
        if (!nested.IsIndex)
            throw Broken(nested, "an index calls it an index, and it is a manifest");
        await LookIntoAsync([.. path, nested], search, cancellation);
    }

    private ImageDocument<ImageIndex> Read(RegistryManifest index)
    {
        try
        {
            return ImageDocument.ReadIndex(index.Bytes);
        }
        catch (GantryException error)
        {
            throw Broken(index, error.Message);
        }
    }

    private RegistryException Broken(RegistryManifest manifest, string what) =>
        RegistryException.Broken(repository with { Reference = manifest.Descriptor.Digest.ToString() }, what);

    /// <summary>What has been found so far.</summary>
    private sealed class Search(Platform platform)
    {
        private int _fit;

        internal Platform Platform => platform;

        internal int Indexes { get; set; }

        internal (IReadOnlyList<RegistryManifest> Path, Descriptor Entry)? Best { get; private set; }

        /// <summary>The first of several that fit equally well counts. One without a platform is better than none.</summary>
        internal void Consider(IReadOnlyList<RegistryManifest> path, Descriptor entry)
        {
            var fit = entry.Platform is { } its ? 1 + platform.Fit(its) : 2;
            if ((entry.Platform is null || fit > 1) && fit > _fit)
                (_fit, Best) = (fit, (path, entry));
        }
    }
}
