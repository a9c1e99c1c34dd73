using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Registry.Client.Push;

/// <summary>How a manifest that is about another one stands in that one's list of referrers.</summary>
internal static class ReferrerEntry
{
    /// <summary>What the manifest is about, and its entry; null when it is about nothing.</summary>
    internal static (Digest About, Descriptor Entry)? Of(ReadOnlyMemory<byte> bytes, Descriptor manifest)
    {
        try
        {
            if (MediaTypes.IsIndex(manifest.MediaType))
            {
                var index = ImageDocument.ReadIndex(bytes).Value;
                return index.Subject is null ? null
                    : (index.Subject.Digest, manifest with { ArtifactType = index.ArtifactType, Annotations = index.Annotations });
            }
            var value = ImageDocument.ReadManifest(bytes).Value;
            return value.Subject is null ? null
                : (value.Subject.Digest, manifest
                with { ArtifactType = value.ArtifactType ?? value.Config?.MediaType, Annotations = value.Annotations });
        }
        catch (GantryException)
        {
            // The registry took it: whatever it is, it is about nothing that we could list.
            return null;
        }
    }
}
