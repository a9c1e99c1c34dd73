using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Storage.Content;

/// <summary>Mark and sweep over the blobs.</summary>
internal sealed class GarbageCollector(ContentStore store)
{
    internal IReadOnlyList<BlobInformation> Collect(Func<IEnumerable<Descriptor>> roots)
    {
        store.Held.BeginCollection();
        try
        {
            return Mark(roots()) is { } reachable ? Sweep(reachable) : [];
        }
        finally
        {
            store.Held.EndCollection();
        }
    }

    /// <returns>Null when a manifest is damaged: what it refers to is not known, so nothing may go.</returns>
    private HashSet<Digest>? Mark(IEnumerable<Descriptor> roots)
    {
        var reachable = new HashSet<Digest>();
        var open = new Stack<Descriptor>(roots);
        while (open.TryPop(out var descriptor))
        {
            if (!reachable.Add(descriptor.Digest) || !store.Contains(descriptor.Digest))
                continue;
            if (TryReadChildren(descriptor) is not { } children)
                return null;
            foreach (var child in children)
                open.Push(child);
        }
        return reachable;
    }

    private List<Descriptor>? TryReadChildren(Descriptor descriptor)
    {
        try
        {
            return Children(descriptor);
        }
        catch (Exception e) when (e is GantryException or JsonException)
        {
            return null;
        }
    }

    private List<Descriptor> Children(Descriptor descriptor)
    {
        if (MediaTypes.IsIndex(descriptor.MediaType))
            return Read(descriptor, OciImageJson.Default.ImageIndex)?.Manifests ?? [];
        if (!MediaTypes.IsManifest(descriptor.MediaType) || Read(descriptor, OciImageJson.Default.ImageManifest) is not { } manifest)
            return [];
        return manifest.Config is null ? manifest.Layers : [.. manifest.Layers, manifest.Config];
    }

    private T? Read<T>(Descriptor descriptor, JsonTypeInfo<T> type)
        => JsonSerializer.Deserialize(store.ReadBytes(descriptor.Digest), type);

    private List<BlobInformation> Sweep(HashSet<Digest> reachable)
    {
        var removed = new List<BlobInformation>();
        foreach (var blob in store.List())
            if (!reachable.Contains(blob.Digest) && store.Delete(blob.Digest))
                removed.Add(blob);
        return removed;
    }
}
