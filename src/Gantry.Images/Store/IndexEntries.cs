using Gantry.Oci.Images;

namespace Gantry.Images.Store;

/// <summary>Changes of <c>index.json</c> that leave entries alone which Gantry does not understand.</summary>
internal static class IndexEntries
{
    internal static void RemoveName(ImageIndex index, ImageReference reference) =>
        index.Manifests.RemoveAll(entry => IndexAnnotations.Reference(entry) == reference);

    /// <summary>Drops the entry without a name, which a target needs only while it has no other.</summary>
    internal static void RemoveUnnamed(ImageIndex index, Digest target) =>
        index.Manifests.RemoveAll(entry => entry.Digest == target && IndexAnnotations.Reference(entry) is null);
}
