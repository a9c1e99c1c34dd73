using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images;

/// <summary>Removes single platforms of an image: <c>docker rmi --platform</c>.</summary>
/// <param name="store">Where the images are.</param>
/// <param name="manifests">Lists an image's platforms.</param>
/// <param name="remover">Removes whole images.</param>
/// <param name="users">Who uses an image.</param>
public sealed class ImagePlatformRemover(ImageStore store, ImageManifestLister manifests, ImageRemover remover, ImageUsers users)
{
    /// <summary>Removes what an image has for some platforms; with the last of them the name goes, too.</summary>
    /// <param name="nameOrId">The image.</param>
    /// <param name="platforms">Which ones.</param>
    /// <param name="force">Also when stopped containers use one.</param>
    /// <returns>What was done, in order.</returns>
    /// <exception cref="GantryException">No such image; it has nothing for a platform; or something uses it, in docker's words.</exception>
    public IReadOnlyList<RemovedItem> Remove(string nameOrId, IReadOnlyList<Platform> platforms, bool force)
    {
        // 1. What goes: the images for the platforms, and what attests to them.
        var image = store.Resolve(nameOrId);
        var all = manifests.List(image);
        var images = all.Where(one => one.Kind == ImageManifestKind.Image && one.IsAvailable).ToList();
        var leaving = platforms.SelectMany(platform => Matching(nameOrId, image, images, platform)).Distinct().ToList();
        if (leaving.Count == images.Count)
            return remover.Remove(nameOrId, force);
        foreach (var one in leaving)
            Check(image, one, force);
        var digests = leaving.ConvertAll(one => one.Descriptor.Digest);
        digests.AddRange(all.Where(one => one.AttestationFor is { } about && digests.Contains(about)).Select(one => one.Descriptor.Digest).ToList());

        // 2. Without its manifest a platform is not there, and what only it had is garbage.
        var removed = new List<RemovedItem>();
        foreach (var digest in digests)
        {
            if (store.Content.Delete(digest))
                removed.Add(new RemovedItem(null, digest.ToString()));
        }
        store.Reload();
        removed.AddRange(store.Garbage.Collect().Select(chainId => new RemovedItem(null, chainId.ToString())));
        return removed;
    }

    private static IEnumerable<ImageManifestState> Matching(string nameOrId, Image image, List<ImageManifestState> images, Platform platform)
    {
        var found = images.Where(one => one.Platform is { } has && platform.IsSame(has)).ToList();
        return found.Count > 0 ? found : throw ImageStore.WrongPlatform(nameOrId, image, platform);
    }

    private void Check(Image image, ImageManifestState leaving, bool force)
    {
        if (store.Images.FirstOrDefault(other => other.Target.Digest == leaving.Descriptor.Digest) is { } named)
        {
            throw GantryException.Conflict(
                $"conflict: unable to delete {leaving.Descriptor.Digest.Short} (cannot be forced) - image {named.RepoTags.FirstOrDefault() ?? named.Id.Short} is this manifest");
        }
        foreach (var user in leaving.ConfigId is { } id ? users(id) : [])
        {
            if (user.Running || !force)
            {
                throw GantryException.Conflict(
                    $"conflict: unable to delete {image.Id.Short} ({(user.Running ? "cannot be forced" : "must be forced")}) - "
                    + $"image is being used by {(user.Running ? "running" : "stopped")} container {user.ContainerId[..Math.Min(12, user.ContainerId.Length)]}");
            }
        }
    }
}
