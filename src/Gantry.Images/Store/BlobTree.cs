using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Store;

/// <summary>The blobs that a descriptor leads to and that are here: indexes, manifests, configurations, layers.</summary>
internal sealed class BlobTree(ContentStore content)
{
    /// <summary>All of them, each once, parents before children.</summary>
    /// <param name="root">Where to begin.</param>
    /// <param name="accept">Which manifests of an index to follow; null: all.</param>
    /// <exception cref="GantryException">A document is damaged.</exception>
    internal IEnumerable<Digest> Walk(Descriptor root, Func<Descriptor, bool>? accept = null)
    {
        var seen = new HashSet<Digest>();
        var open = new Stack<Descriptor>([root]);
        while (open.TryPop(out var descriptor))
        {
            if (!content.Contains(descriptor.Digest) || !seen.Add(descriptor.Digest))
                continue;
            yield return descriptor.Digest;
            foreach (var child in Children(descriptor))
            {
                if (accept is null || !MediaTypes.IsManifest(child.MediaType) || accept(child))
                    open.Push(child);
            }
        }
    }

    /// <summary>What a document names, here or not; nothing for what is no document.</summary>
    /// <exception cref="GantryException">It is damaged or missing.</exception>
    internal IReadOnlyList<Descriptor> Children(Descriptor descriptor)
    {
        if (MediaTypes.IsIndex(descriptor.MediaType))
            return ImageDocument.ReadIndex(content.ReadBytes(descriptor.Digest, ImageDocument.MaxLength)).Value.Manifests;
        if (!MediaTypes.IsManifest(descriptor.MediaType))
            return [];
        var manifest = ImageDocument.ReadManifest(content.ReadBytes(descriptor.Digest, ImageDocument.MaxLength)).Value;
        return manifest.Config is null ? manifest.Layers : [manifest.Config, .. manifest.Layers];
    }
}
