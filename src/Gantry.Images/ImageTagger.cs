using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images;

/// <summary>Gives images names: <c>docker tag</c>.</summary>
/// <param name="store">Where the images are.</param>
public sealed class ImageTagger(ImageStore store)
{
    /// <summary>Gives an image one more name; another image that had it loses it.</summary>
    /// <param name="nameOrId">The image.</param>
    /// <param name="newName">The name; <c>latest</c> is added when it has no tag.</param>
    /// <exception cref="GantryException">No such image, or the name is malformed or has a digest.</exception>
    public void Tag(string nameOrId, string newName)
    {
        var reference = ImageReference.Parse(newName);
        if (reference.Digest is not null)
            throw GantryException.Invalid("refusing to create a tag with a digest reference");
        Tag(store.Resolve(nameOrId), reference.WithDefaultTag());
    }

    /// <summary>Gives an image one more name.</summary>
    /// <param name="image">The image.</param>
    /// <param name="reference">The name, with a tag.</param>
    public void Tag(Image image, ImageReference reference)
    {
        store.Register(image, reference);
        store.Events(ImageEvent.Of("tag", image, reference.Familiar));
    }
}
