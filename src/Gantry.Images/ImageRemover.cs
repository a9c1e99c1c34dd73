using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images;

/// <summary>One line of what a removal did: a name that was taken away, or something that was deleted.</summary>
/// <param name="Untagged">The name, in familiar form; null in a line about a deletion.</param>
/// <param name="Deleted">The image's ID or a layer's chain ID; null in a line about a name.</param>
public readonly record struct RemovedItem(string? Untagged, string? Deleted);

/// <summary>Removes names and images with docker's rules: <c>docker rmi</c>.</summary>
/// <param name="store">Where the images are.</param>
/// <param name="users">Who uses an image.</param>
public sealed class ImageRemover(ImageStore store, ImageUsers users)
{
    private readonly Lock _gate = new();

    /// <summary>
    /// Removes a name, and the image when it was the last; or, given an ID, the image with all its names if they are of one repository.
    /// </summary>
    /// <param name="nameOrId">Name, ID, or beginning of an ID.</param>
    /// <param name="force">Also when stopped containers use it, or several repositories name it.</param>
    /// <returns>What was done, in order.</returns>
    /// <exception cref="GantryException">No such image, or a conflict, in docker's words.</exception>
    public IReadOnlyList<RemovedItem> Remove(string nameOrId, bool force = false)
    {
        lock (_gate)
        {
            var removed = new List<RemovedItem>();
            var image = store.Resolve(nameOrId);
            if (RemoveNames(image, nameOrId, force, removed) && store.Find(image.Id) is { } left)
                Delete(left, removed);
            return removed;
        }
    }

    /// <summary>Takes names away as far as the rules allow.</summary>
    /// <returns>Whether the image itself is to be deleted now.</returns>
    private bool RemoveNames(Image image, string nameOrId, bool force, List<RemovedItem> removed)
    {
        var names = store.Catalog.NamesOf(image.Id);
        if (IsIdOf(image, nameOrId))
        {
            // All names are of one repository: they go with the image. Otherwise only force may choose for the user.
            var oneRepository = IsSingle(names);
            if (Conflict(image, force, checkNames: !oneRepository) is { } conflict)
                throw conflict;
            UntagAll(image, names, removed);
            return true;
        }
        if (!force && IsSingle(names) && users(image.Id).Select(user => (ImageUser?)user).FirstOrDefault() is { } user)
        {
            throw GantryException.Conflict(
                $"conflict: unable to remove repository reference \"{nameOrId}\" (must force) - container {Shorten(user.ContainerId)} is using its referenced image {image.Id.Short}");
        }
        var name = NameMeant(image, names, nameOrId);
        Untag(image, name, removed);
        RemoveOrphanedDigests(image, name, removed);
        if (store.Catalog.NamesOf(image.Id).Count > 0)
            return false;
        // The name is gone; an image in use then stays without one, and that is no error.
        return Conflict(image, force, checkNames: false) is null;
    }

    /// <summary>A repository whose last tag has gone keeps no digests of that image either.</summary>
    private void RemoveOrphanedDigests(Image image, StoredName name, List<RemovedItem> removed)
    {
        if (name.Reference.Digest is not null)
            return;
        var siblings = store.Catalog.NamesOf(image.Id).Where(other => other.Reference.Name == name.Reference.Name).ToList();
        if (siblings.TrueForAll(other => other.Reference.Digest is not null))
            UntagAll(image, siblings, removed);
    }

    private void Delete(Image image, List<RemovedItem> removed)
    {
        store.Forget(image);
        removed.Add(new RemovedItem(null, image.Id.ToString()));
        store.Events(ImageEvent.Of("delete", image, image.Id.ToString()));
        foreach (var chainId in store.Garbage.Collect())
            removed.Add(new RemovedItem(null, chainId.ToString()));
    }

    private void UntagAll(Image image, IEnumerable<StoredName> names, List<RemovedItem> removed)
    {
        foreach (var name in names)
            Untag(image, name, removed);
    }

    private void Untag(Image image, StoredName name, List<RemovedItem> removed)
    {
        store.Untag(name.Reference);
        removed.Add(new RemovedItem(name.Reference.Familiar, null));
        store.Events(ImageEvent.Of("untag", image, image.Id.ToString()));
    }

    /// <summary>Why an image cannot be deleted, or null.</summary>
    private GantryException? Conflict(Image image, bool force, bool checkNames)
    {
        ImageUser? stopped = null;
        foreach (var user in users(image.Id))
        {
            if (user.Running)
                return Conflict(image, "cannot be forced", $"image is being used by running container {Shorten(user.ContainerId)}");
            stopped ??= user;
        }
        if (force)
            return null;
        if (checkNames && store.Catalog.NamesOf(image.Id).Count > 0)
            return Conflict(image, "must be forced", "image is referenced in multiple repositories");
        return stopped is { } one
            ? Conflict(image, "must be forced", $"image is being used by stopped container {Shorten(one.ContainerId)}")
            : null;
    }

    private static GantryException Conflict(Image image, string force, string reason) =>
        GantryException.Conflict($"conflict: unable to delete {image.Id.Short} ({force}) - {reason}");

    private static StoredName NameMeant(Image image, List<StoredName> names, string text)
    {
        var reference = ImageReference.Parse(text).WithDefaultTag();
        if (reference.Digest is not null)
            reference = reference.WithoutTag().WithDigest(reference.Digest.Value);
        return names.Find(name => name.Reference == reference)
            // repository@digest of something that only a tag names: the tag is meant.
            ?? names.Find(name => name.Reference.Name == reference.Name)
            ?? throw ImageStore.NoSuchImage($"{image.Id}");
    }

    /// <summary>One tag, or one repository with digests: taking them away leaves nothing that another name would keep.</summary>
    private static bool IsSingle(List<StoredName> names)
    {
        if (names.Count <= 1)
            return names.Count == 1;
        var tags = names.Where(name => name.Reference.Digest is null).ToList();
        var repositories = names.Where(name => name.Reference.Digest is not null).Select(name => name.Reference.Name).ToHashSet();
        return tags.Count <= 1 && repositories.Count == 1 && (tags.Count == 0 || repositories.Contains(tags[0].Reference.Name));
    }

    private static bool IsIdOf(Image image, string text)
    {
        var id = image.Id.ToString();
        return id.StartsWith(text, StringComparison.Ordinal) || id.AsSpan("sha256:".Length).StartsWith(text);
    }

    private static string Shorten(string containerId) => containerId.Length > 12 ? containerId[..12] : containerId;
}
