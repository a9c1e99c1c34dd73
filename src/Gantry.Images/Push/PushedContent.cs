using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Push;

/// <summary>Everything that belongs to an index or manifest, in the order in which a registry takes it.</summary>
internal sealed class PushedContent
{
    private readonly ContentStore _content;
    private readonly HashSet<Digest> _seen = [];

    /// <summary>Reads the documents below <paramref name="target"/>.</summary>
    /// <exception cref="GantryException">One is missing or malformed.</exception>
    internal PushedContent(ContentStore content, Descriptor target)
    {
        _content = content;
        Add(target);
    }

    /// <summary>Layers, each once. Foreign ones, which registries do not take, are left out.</summary>
    internal List<Descriptor> Layers { get; } = [];

    /// <summary>Layers that registries do not take: manifests say where they are.</summary>
    internal List<Descriptor> Foreign { get; } = [];

    /// <summary>Configurations, and whatever else manifests name that is no layer.</summary>
    internal List<Descriptor> Configurations { get; } = [];

    /// <summary>Manifests and indexes, each behind what it names.</summary>
    internal List<Descriptor> Documents { get; } = [];

    /// <summary>Whether everything that an index names is here.</summary>
    internal static bool IsComplete(ContentStore content, Descriptor target)
    {
        if (!content.Contains(target.Digest))
            return false;
        if (!MediaTypes.IsIndex(target.MediaType))
            return true;
        return ImageDocument.ReadIndex(content.ReadBytes(target.Digest, ImageDocument.MaxLength)).Value.Manifests.TrueForAll(child =>
            IsComplete(content, child));
    }

    /// <summary>Holds all of it.</summary>
    /// <exception cref="GantryException">Something is missing.</exception>
    internal void Hold(ContentLease lease)
    {
        foreach (var blob in Layers.Concat(Configurations).Concat(Documents))
        {
            if (!lease.TryHold(blob.Digest))
                throw GantryException.NotFound($"push: the blob {blob.Digest} ({blob.MediaType}) of the image is not here; pull the image again");
        }
    }

    private void Add(Descriptor document)
    {
        if (!_seen.Add(document.Digest))
            return;
        var bytes = _content.ReadBytes(document.Digest, ImageDocument.MaxLength);
        if (MediaTypes.IsIndex(document.MediaType))
        {
            ImageDocument.ReadIndex(bytes).Value.Manifests.ForEach(Add);
        }
        else
        {
            var manifest = ImageDocument.ReadManifest(bytes).Value;
            foreach (var layer in manifest.Layers.Where(layer => _seen.Add(layer.Digest)))
                (MediaTypes.IsForeign(layer.MediaType) ? Foreign : MediaTypes.IsLayer(layer.MediaType) ? Layers : Configurations).Add(layer);
            if (manifest.Config is { } config && _seen.Add(config.Digest))
                Configurations.Add(config);
        }
        Documents.Add(document);
    }
}
