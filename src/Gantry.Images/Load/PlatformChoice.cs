using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Load;

/// <summary>Leaves of a loaded image only the platforms that were asked for. The index stays as it is, and with it the digest of the image.</summary>
internal sealed class PlatformChoice(ImageStore store, IReadOnlyList<Platform> platforms)
{
    /// <summary>Drops the manifests for other platforms and their attestations, unless they were there before this archive.</summary>
    /// <exception cref="GantryException">The image has nothing for one of the platforms.</exception>
    internal void Apply(Descriptor target, ContentLease lease, ReceivedArchive received)
    {
        if (platforms.Count == 0)
            return;
        var kept = platforms.Select(platform => store.Reader.Best(target, platform)?.Digest
            ?? throw GantryException.NotFound($"image {target.Digest} has nothing for the platform {platform}")).ToHashSet();
        foreach (var manifest in store.Reader.AllManifests(target))
        {
            var about = Digest.TryParse(manifest.Annotation(Annotations.DockerReferenceDigest), out var digest) ? digest : manifest.Digest;
            if (!kept.Contains(about) && !received.Known.Contains(manifest.Digest))
                lease.Discard(manifest.Digest);
        }
    }
}
